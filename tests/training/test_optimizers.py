"""Optimizers take the steps that the interchange specification's reference numbers record."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.optim import Optimizer

from understudy.training.choices import OptimizerName
from understudy.training.lr_dropout import PERIOD, UpdateDropout, pulse
from understudy.training.optimizers import AdaBelief, RMSprop, clip_gradients, make_optimizer

Make = Callable[[list[Tensor]], Optimizer]


def steps(make: Make, *, clip: bool = False, period: int = 0) -> list[Tensor]:
    v = torch.tensor([1.0, -2.0, 0.5, 3.0], requires_grad=True)
    optimizer = make([v])
    history = []
    for step in range(1, 4):
        v.grad = None
        (torch.tensor([1.0, 2.0, 3.0, 4.0]) * v.square()).sum().backward()
        if clip:
            clip_gradients([v])
        optimizer.param_groups[0]["lr"] = 0.01 * (pulse(step, period) if period else 1)
        optimizer.step()
        history.append(v.detach().clone())
    return history


@pytest.mark.parametrize(
    ("make", "options", "expected"),
    [
        (
            AdaBelief,
            {},
            [
                [0.9648642, -1.9648638, 0.4648640, 2.9648635],
                [0.9152902, -1.9152563, 0.4153731, 2.9152460],
                [0.8548895, -1.8547052, 0.3553797, 2.8546522],
            ],
        ),
        (
            RMSprop,
            {},
            [
                [0.9683773, -1.9683772, 0.4683773, 2.9683771],
                [0.9457881, -1.9456097, 0.4461585, 2.9455512],
                [0.9270532, -1.9266337, 0.4279290, 2.9264965],
            ],
        ),
        (
            AdaBelief,
            {"clip": True},
            [
                [0.9648793, -1.9648675, 0.4648741, 2.9648650],
                [0.9152966, -1.9152427, 0.4153619, 2.9152288],
                [0.8548031, -1.8546054, 0.3552318, 2.8545523],
            ],
        ),
        (
            AdaBelief,
            {"period": 8},
            [
                [0.9700097, -1.9700093, 0.4700095, 2.9700093],
                [0.9452176, -1.9452033, 0.4452507, 2.9451993],
                [0.9363562, -1.9363292, 0.4364206, 2.9363213],
            ],
        ),
    ],
)
def test_reference_steps(make: type[Optimizer], options: dict[str, int], expected: list[list[float]]) -> None:
    for found, wanted in zip(steps(lambda v: make(v, lr=0.01), **options), expected, strict=True):
        torch.testing.assert_close(found, torch.tensor(wanted), rtol=0, atol=5e-7)


@pytest.mark.parametrize("made", [AdaBelief, RMSprop])
def test_the_fast_update_on_a_cpu_is_the_plain_one(made: type[AdaBelief | RMSprop]) -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(60, 50, 9, 9, generator=generator)  # more than a chunk
    fast, plain = ([start.clone().requires_grad_()] for _ in range(2))
    optimizers = [made(weights, lr=0.01) for weights in (fast, plain)]
    for step in range(5):
        gradient = torch.randn(start.shape, generator=generator)
        gradient[:3] = 0  # weights whose moments stay zero
        fast[0].grad = gradient.clone()
        # A gradient in another order than its weight is not for the fast update.
        plain[0].grad = gradient.clone(memory_format=torch.channels_last)
        for optimizer in optimizers:
            optimizer.step()
        torch.testing.assert_close(fast[0], plain[0], rtol=0, atol=1e-6 * (step + 1))
        for kind in made.kinds:
            (found,), (wanted,) = ([state[kind] for state in one.state.values()] for one in optimizers)
            torch.testing.assert_close(found, wanted, rtol=1e-6, atol=0)
    assert torch.equal(fast[0][:3], start[:3])


def test_pulse_swells_and_fades() -> None:
    assert pulse(PERIOD) == pytest.approx(1)
    assert pulse(PERIOD // 2) == pytest.approx(0)
    assert pulse(PERIOD // 4) == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["adabelief", "rmsprop", "adam"])
def test_dropout_moves_three_in_ten_by_the_full_step_and_keeps_all_moments(name: OptimizerName) -> None:
    dropout = UpdateDropout(torch.device("cpu"))
    dropout.seed(3)
    start = [torch.randn(1000, 101), torch.randn(7)]
    gradients = [torch.randn_like(one) for one in start]
    after, states = [], []
    for made in (None, dropout):
        weights = [one.clone().requires_grad_() for one in start]
        optimizer = make_optimizer(name, weights, lr=0.01, dropout=made)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient.clone()
        optimizer.step()
        after.append([weight.detach() for weight in weights])
        states.append([optimizer.state[weight] for weight in weights])
    for plain, thinned, before in zip(*after, start, strict=True):
        rests = thinned == before
        torch.testing.assert_close(thinned, torch.where(rests, before, plain))
    assert (after[1][0] != start[0]).float().mean() == pytest.approx(0.3, abs=0.005)
    for one, other in zip(*states, strict=True):
        assert all(torch.equal(one[kind], other[kind]) for kind in one)


def test_dropout_follows_its_seed_and_has_no_pattern() -> None:
    dropout = UpdateDropout(torch.device("cpu"))
    weights = [torch.zeros(400_000)]
    dropout.seed(1)
    first, second = dropout.masks(weights)[0], dropout.masks(weights)[0]
    dropout.seed(1)
    assert torch.equal(dropout.masks(weights)[0], first)
    assert first.unique().tolist() == [0, 1]
    # Each of the four numbers that share a draw is as likely as the others, and knows nothing of its neighbour.
    assert first.view(-1, 4).mean(0).tolist() == pytest.approx([0.3] * 4, abs=0.006)
    for other in (second, first.roll(1), first.roll(2), first.roll(3)):
        assert (first * other).mean() == pytest.approx(0.09, abs=0.003)


def test_clip_leaves_small_gradients_alone_and_scales_the_norm_over_all() -> None:
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(3, requires_grad=True)
    a.grad, b.grad = torch.full((2,), 0.1), torch.full((3,), 0.1)
    clip_gradients([a, b])
    assert torch.equal(a.grad, torch.full((2,), 0.1))
    a.grad, b.grad = torch.full((2,), 3.0), torch.full((3,), 5.0)
    clip_gradients([a, b])
    torch.testing.assert_close(torch.cat([a.grad, b.grad]).norm(), torch.tensor(1.0))
    torch.testing.assert_close(a.grad[0] / b.grad[0], torch.tensor(0.6))
