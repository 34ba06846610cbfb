"""In which order faces are drawn."""

import torch
from torch import Generator, Tensor


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
        self.waiting = waiting[(waiting >= 0) & (waiting < self.count)]
