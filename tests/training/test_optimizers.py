"""Optimizers take the steps that the interchange specification's reference numbers record."""

import pytest
import torch
from torch import Tensor

from understudy.training.optimizers import AdaBelief, clip_gradients


def steps(clip: bool) -> list[Tensor]:
    v = torch.tensor([1.0, -2.0, 0.5, 3.0], requires_grad=True)
    optimizer = AdaBelief([v], lr=0.01)
    history = []
    for _ in range(3):
        v.grad = None
        (torch.tensor([1.0, 2.0, 3.0, 4.0]) * v.square()).sum().backward()
        if clip:
            clip_gradients([v])
        optimizer.step()
        history.append(v.detach().clone())
    return history


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        (
            False,
            [
                [0.9648642, -1.9648638, 0.4648640, 2.9648635],
                [0.9152902, -1.9152563, 0.4153731, 2.9152460],
                [0.8548895, -1.8547052, 0.3553797, 2.8546522],
            ],
        ),
        (
            True,
            [
                [0.9648793, -1.9648675, 0.4648741, 2.9648650],
                [0.9152966, -1.9152427, 0.4153619, 2.9152288],
                [0.8548031, -1.8546054, 0.3552318, 2.8545523],
            ],
        ),
    ],
)
def test_adabelief(clip: bool, expected: list[list[float]]) -> None:
    for found, wanted in zip(steps(clip), expected, strict=True):
        torch.testing.assert_close(found, torch.tensor(wanted), rtol=0, atol=5e-7)


def test_clip_leaves_small_gradients_alone_and_scales_the_norm_over_all() -> None:
    a, b = torch.zeros(2, requires_grad=True), torch.zeros(3, requires_grad=True)
    a.grad, b.grad = torch.full((2,), 0.1), torch.full((3,), 0.1)
    clip_gradients([a, b])
    assert torch.equal(a.grad, torch.full((2,), 0.1))
    a.grad, b.grad = torch.full((2,), 3.0), torch.full((3,), 5.0)
    clip_gradients([a, b])
    torch.testing.assert_close(torch.cat([a.grad, b.grad]).norm(), torch.tensor(1.0))
    torch.testing.assert_close(a.grad[0] / b.grad[0], torch.tensor(0.6))
