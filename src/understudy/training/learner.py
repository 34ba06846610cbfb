"""A network and what updates it: its optimizers, on both lanes, with clipping and learning rate dropout."""

import functools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import torch
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from understudy.training.early_update import EarlyUpdate
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
        touched: the step that began last has changed something.

    Args:
        module: on its device already.
        settings: optimizer, learning rate, its dropout, clipping.
        device: of the module.
        lanes: share the weights between them.
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
        self.touched = False
        self._ranks = ranks
        self._settings = settings
        self._lanes = lanes
        self._names = cast(dict[Tensor, str], {p: name for name, p in module.named_parameters()})
        self._by_weight = device.type == "cpu"  # one by one there; elsewhere in as few calls as can be
        parts = [[parameter] for parameter in self._names] if self._by_weight else [list(self._names)]
        self._dropouts: list[UpdateDropout] = []
        self._optimizers: list[Optimizer | PackedOptimizer] = []
        for part in parts:
            dropout = None
            if settings.lr_dropout != "n":
                dropout = UpdateDropout(device if settings.lr_dropout == "y" else torch.device("cpu"))
                self._dropouts.append(dropout)
            make = functools.partial(make_optimizer, settings.optimizer, lr=settings.learning_rate, dropout=dropout)
            whole = settings.moments == "full"
            self._optimizers.append(make(part) if whole else PackedOptimizer(make, part, settings.moments))

    def begin(self, generator: Generator) -> None:
        """Begin a step, before its first gradient; `generator` decides what rests."""
        self.touched = False
        if self._dropouts:
            seeds = torch.randint(2**62, (len(self._dropouts),), generator=generator)
            for dropout, seed in zip(self._dropouts, seeds.tolist(), strict=True):
                dropout.seed(seed)
            for optimizer in self._optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = self._settings.learning_rate * pulse(self.updates + 1)

    @contextmanager
    def backward(self, passes: int) -> Iterator[Callable[[Tensor], None]]:
        """Within, the backward passes of the step; what is yielded runs one, given its loss.

        Where it makes no difference, weights are updated meanwhile, and their gradients dropped.
        """
        # Clipping looks at all gradients, and ranks add up all of them, in one order.
        if not self._by_weight or self._settings.clipgrad or self._ranks.count > 1:
            yield Tensor.backward
            return
        optimizers = dict(zip(self._names, self._optimizers, strict=True))
        early = EarlyUpdate(optimizers, passes=passes, update=lambda parameter: self._step(optimizers[parameter]))
        with early.watching() as backward:
            yield backward

    def update(self) -> None:
        """Update the parameters that have gradients, and clear these: the end of the step."""
        self._ranks.add_up([parameter.grad for parameter in self._names if parameter.grad is not None])
        if self._settings.clipgrad:
            clip_gradients(self._names)
        self.updates += 1
        waiting = deque(self._optimizers)
        self._lanes.run(self._step_all, [waiting, waiting])

    def _step_all(self, waiting: deque[Optimizer | PackedOptimizer]) -> None:
        """Take steps until none is waiting; others may take of them at the same time."""
        while waiting:
            try:
                optimizer = waiting.popleft()
            except IndexError:
                return
            self._step(optimizer)

    def _step(self, optimizer: Optimizer | PackedOptimizer) -> None:
        self.touched = True
        optimizer.step()
        optimizer.zero_grad()

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
