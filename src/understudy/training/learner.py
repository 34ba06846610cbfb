"""A network and what updates it: its optimizers, on both lanes, with clipping and learning rate dropout."""

import functools
from collections.abc import Mapping
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from understudy.training.lanes import Lanes
from understudy.training.lr_dropout import UpdateDropout, pulse
from understudy.training.optimizers import clip_gradients, make_optimizer, moments, restore_moments
from understudy.training.packed_moments import PackedOptimizer
from understudy.training.ranks import ALONE, Ranks
from understudy.training.settings import TrainSettings

_UPDATES = "updates"


class Learner:
    """Turns the gradients that passes have left in a module's parameters into an update.

    Attributes:
        updates: updates since the moments were zero.

    Args:
        module: on its device already.
        settings: optimizer, learning rate, its dropout, clipping.
        device: of the module.
        lanes: do a half of the weights each.
        ranks: each have gradients of a part of the batch; the update follows their sum.
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        settings: TrainSettings,
        device: torch.device,
        lanes: Lanes,
        ranks: Ranks = ALONE,
    ) -> None:
        self.updates = 0
        self._ranks = ranks
        self._settings = settings
        self._lanes = lanes
        self._names = cast(dict[Tensor, str], {p: name for name, p in module.named_parameters()})
        self._dropouts: list[UpdateDropout] = []
        self._optimizers: list[Optimizer | PackedOptimizer] = []
        for half in _halves(self._names):
            dropout = None
            if settings.lr_dropout != "n":
                dropout = UpdateDropout(device if settings.lr_dropout == "y" else torch.device("cpu"))
                self._dropouts.append(dropout)
            make = functools.partial(make_optimizer, settings.optimizer, lr=settings.learning_rate, dropout=dropout)
            whole = settings.moments == "full"
            self._optimizers.append(make(half) if whole else PackedOptimizer(make, half, settings.moments))

    def update(self, generator: Generator) -> None:
        """Update the parameters that have gradients, and clear these; `generator` decides what rests."""
        self._ranks.add_up([parameter.grad for parameter in self._names if parameter.grad is not None])
        self.updates += 1
        if self._settings.clipgrad:
            clip_gradients(self._names)
        for dropout in self._dropouts:
            dropout.seed(int(torch.randint(2**62, (), generator=generator)))
        if self._dropouts:
            for optimizer in self._optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = self._settings.learning_rate * pulse(self.updates)
        self._lanes.run(_step, self._optimizers)

    def tensors(self) -> dict[str, Tensor]:
        """Moments and counter, under the optimizer's name."""
        name = self._settings.optimizer
        found = {f"{name}.{_UPDATES}": torch.tensor(self.updates)}
        for optimizer in self._optimizers:
            found |= {f"{name}.{key}": moment for key, moment in moments(optimizer, self._names).items()}
        return found

    def restore(self, tensors: Mapping[str, Tensor]) -> bool:
        """Take up what `tensors` gave; False if that was another optimizer's, and the moments start from zero.

        Raises:
            RuntimeError: a moment has another shape than its parameter.
        """
        prefix = f"{self._settings.optimizer}."
        own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        self.updates = int(own.pop(_UPDATES, torch.tensor(0)))
        for optimizer in self._optimizers:
            if isinstance(optimizer, PackedOptimizer):
                optimizer.restore(lambda one: restore_moments(one, self._names, own))
            else:
                restore_moments(optimizer, self._names, own)
        return bool(own)


def _halves(names: Mapping[Tensor, str]) -> list[list[Tensor]]:
    """The parameters in two parts of about the same number of weights, one for each lane."""
    half = sum(parameter.numel() for parameter in names) / 2
    parts: list[list[Tensor]] = [[], []]
    seen = 0
    for parameter in names:
        parts[seen + parameter.numel() / 2 >= half].append(parameter)
        seen += parameter.numel()
    return parts


def _step(optimizer: Optimizer | PackedOptimizer) -> None:
    optimizer.step()
    optimizer.zero_grad()
