"""In which order faces are drawn."""

from typing import Protocol

import torch
from torch import Generator, Tensor

YAW_BINS = 128
YAW_SPAN = 1.2
"""Radians to either side that the bins divide; what lies beyond is in the outermost ones."""


class Order(Protocol):
    """Draws faces; all its state is `waiting`, (N,) int64."""

    @property
    def waiting(self) -> Tensor: ...

    def take(self, batch: int, generator: Generator) -> Tensor:
        """The next `batch` indices, (batch,) int64."""

    def ahead(self, batch: int) -> Tensor:
        """What `take` will give next, as far as that is known already."""

    def restore(self, waiting: Tensor) -> None:
        """Go on from a saved `waiting`; indices of faces that are gone are left out."""


class ShuffledOrder:
    """All indices below `count` without repetition, shuffled anew whenever they are used up."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.waiting = torch.empty(0, dtype=torch.int64)

    def take(self, batch: int, generator: Generator) -> Tensor:
        """The next `batch` indices, (batch,) int64."""
        while len(self.waiting) < batch:
            self.waiting = torch.cat([self.waiting, torch.randperm(self.count, generator=generator)])
        taken, self.waiting = self.waiting[:batch], self.waiting[batch:]
        return taken

    def ahead(self, batch: int) -> Tensor:
        """What `take` will give next, as far as that is known already."""
        return self.waiting[:batch]

    def restore(self, waiting: Tensor) -> None:
        """Go on from a saved `waiting`; indices of faces that are gone are left out."""
        waiting = waiting.long()
        self.waiting = waiting[(waiting >= 0) & (waiting < self.count)]


class UniformYawOrder:
    """Every direction of view equally often: one face of each bin of yaw in turn.

    The bins that have faces come in shuffled order, all of them before any comes again; so do the faces within a bin.

    Args:
        yaw: (N,) float32 radians.
    """

    def __init__(self, yaw: Tensor) -> None:
        inner = torch.linspace(-YAW_SPAN, YAW_SPAN, YAW_BINS + 1)[1:-1]
        _, self._bin = torch.unique(torch.bucketize(yaw, inner), return_inverse=True)  # (N,), empty bins left out
        self._members = [torch.nonzero(self._bin == one)[:, 0] for one in range(int(self._bin.max()) + 1)]
        self._round: list[int] = []
        self._rest: list[list[int]] = [[] for _ in self._members]

    @property
    def waiting(self) -> Tensor:
        """This round's faces to come, -1, and what is left of the bins: (M,) int64."""
        return torch.tensor([*self._round, -1, *(face for rest in self._rest for face in rest)])

    def take(self, batch: int, generator: Generator) -> Tensor:
        """The next `batch` indices, (batch,) int64."""
        while len(self._round) < batch:
            for one in torch.randperm(len(self._members), generator=generator).tolist():
                if not self._rest[one]:
                    members = self._members[one]
                    self._rest[one] = members[torch.randperm(len(members), generator=generator)].tolist()
                self._round.append(self._rest[one].pop(0))
        taken, self._round = self._round[:batch], self._round[batch:]
        return torch.tensor(taken)

    def ahead(self, batch: int) -> Tensor:
        """What `take` will give next, as far as that is known already."""
        return torch.tensor(self._round[:batch], dtype=torch.int64)

    def restore(self, waiting: Tensor) -> None:
        """Go on from a saved `waiting`, also that of a `ShuffledOrder`; indices of faces that are gone are left out."""
        faces = waiting.flatten().long().tolist()
        end = faces.index(-1) if -1 in faces else 0
        self._round = [face for face in faces[:end] if face < len(self._bin)]
        self._rest = [[] for _ in self._members]
        for face in faces[end:]:
            if 0 <= face < len(self._bin):
                self._rest[int(self._bin[face])].append(face)
