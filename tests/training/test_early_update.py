"""Updates during the backward passes come to the same as updates after them, and leave no gradient behind."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from understudy.training.lanes import Lanes
from understudy.training.learner import Learner
from understudy.training.settings import TrainSettings

Passes = Callable[[Callable[[nn.Module], None], Sequence[nn.Module]], object]


def side_by_side(run: Callable[[nn.Module], None], parts: Sequence[nn.Module]) -> object:
    with ThreadPoolExecutor(len(parts)) as threads:
        return list(threads.map(run, parts))


def one_after_the_other(run: Callable[[nn.Module], None], parts: Sequence[nn.Module]) -> object:
    return list(map(run, parts))


class Forked(nn.Module):
    """A layer for all, one for each performer, and one for nobody."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.shared, self.src, self.dst, self.idle = (nn.Linear(16, 16) for _ in range(4))

    def loss(self, branch: nn.Module, x: Tensor) -> Tensor:
        return branch(torch.tanh(self.shared(x))).square().sum()


def trained(settings: TrainSettings, *, early: bool, passes: Passes = one_after_the_other) -> dict[str, Tensor]:
    network = Forked()
    network.idle.requires_grad_(False)
    device, generator = torch.device("cpu"), torch.Generator().manual_seed(1)
    learner = Learner(network, settings=settings, device=device, lanes=Lanes(device))
    for _ in range(4):
        x = torch.randn(8, 16, generator=generator)
        learner.begin(generator)
        if early:
            with learner.backward(2) as backward:
                passes(lambda branch, x=x: backward(network.loss(branch, x)), [network.src, network.dst])
            assert all(parameter.grad is None for parameter in network.parameters())
        else:
            for branch in (network.src, network.dst):
                network.loss(branch, x).backward()
        learner.update()
    return {**network.state_dict(), **learner.tensors()}


@pytest.mark.parametrize("passes", [side_by_side, one_after_the_other])
@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "adabelief"},
        {"optimizer": "rmsprop", "lr_dropout": "cpu"},
        {"optimizer": "adam"},
        {"optimizer": "adam", "moments": "8bit"},
    ],
)
def test_the_outcome_is_that_of_updates_afterwards(options: dict[str, str], passes: Passes) -> None:
    settings = TrainSettings(**options, learning_rate=1e-2)
    late, early = trained(settings, early=False), trained(settings, early=True, passes=passes)
    assert late.keys() == early.keys()
    assert all(torch.equal(late[name], early[name]) for name in late)
    assert not torch.equal(late["shared.weight"], Forked().shared.weight)


def test_gradients_wait_for_the_clipping() -> None:
    network = Forked()
    settings, device = TrainSettings(clipgrad=True), torch.device("cpu")
    learner = Learner(network, settings=settings, device=device, lanes=Lanes(device))
    with learner.backward(1) as backward:
        backward(network.loss(network.src, torch.ones(8, 16)))
    assert network.shared.weight.grad is not None


def test_a_pass_that_fails_holds_up_no_other_and_leaves_no_hook() -> None:
    network, device = Forked(), torch.device("cpu")
    learner = Learner(network, settings=TrainSettings(), device=device, lanes=Lanes(device))
    x = torch.ones(8, 16)

    def fail(_: Tensor) -> None:
        raise MemoryError("of the backward pass")

    def run(branch: nn.Module) -> None:
        hidden = torch.tanh(network.shared(x))
        if branch is network.dst:
            hidden.register_hook(fail)
        backward(branch(hidden).sum())

    learner.begin(torch.Generator())
    with pytest.raises(MemoryError, match="of the backward"), learner.backward(2) as backward:
        side_by_side(run, [network.src, network.dst])
    network.zero_grad()
    for branch in (network.src, network.dst):
        network.loss(branch, x).backward()
    assert network.shared.weight.grad is not None
