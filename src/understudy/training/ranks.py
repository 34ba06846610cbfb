"""What the processes of one training, one for each device, have to tell each other."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from torch import Tensor

from understudy.project.errors import UnderstudyError

T = TypeVar("T")


class Agreed(NamedTuple):
    """What every rank takes for true at one point of the training, so that all of them decide alike from there on.

    Attributes:
        now: the leader's clock, seconds.
        stop: whether any rank has been asked to stop.
    """

    now: float
    stop: bool


class MemoryShortElsewhereError(MemoryError):
    """Another rank had no memory for its share of the step."""


class LostRankError(UnderstudyError):
    """Another rank does not answer; if it has ended, it or whatever started it can say more.

    Args:
        reason: the library's word.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"another process of this training does not answer ({reason}): run the same command again, it goes on from "
            "the last checkpoint"
        )


class Ranks:
    """The only process of a training. There is nobody to tell anything, and nothing that it costs.

    Attributes:
        rank: this process's number; 0 leads: it alone writes files and speaks.
        count: how many there are.
        host: number of this host.
        leads_host: this process does what is to be done once on each host.
    """

    rank = 0
    count = 1
    host = 0
    leads_host = True

    @property
    def leads(self) -> bool:
        """Whether this process writes and speaks for all."""
        return self.rank == 0

    def share_of(self, batch: int) -> slice:
        """Which samples of a batch are this rank's; shares differ by one sample at most."""
        return slice(batch * self.rank // self.count, batch * (self.rank + 1) // self.count)

    def agree(self, *, stop: bool = False) -> Agreed:
        """Meet all ranks; each says whether it was asked to stop.

        Raises:
            MemoryShortElsewhereError: a rank came here by `tell_of_shortage`.
        """
        return Agreed(time.monotonic(), stop)

    def tell_of_shortage(self, error: BaseException) -> None:
        """Let all others know, wherever they meet next, that this rank had no memory: `error` says so."""

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Replace tensors, dense in memory, by their sums over all ranks.

        Raises:
            MemoryShortElsewhereError: as `agree`; then nothing has changed.
        """

    def total(self, tensor: Tensor) -> Tensor:
        """The sum over all ranks."""
        return tensor

    def any(self, here: bool) -> bool:
        """Whether it is so on any rank."""
        return here

    def align(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors by the leader's."""

    def led(self, make: Callable[[], T]) -> T:
        """What `make` gives on the leader, which alone calls it; picklable."""
        return make()

    def led_tensors(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The leader's tensors, in the computer's memory where they come from elsewhere."""
        return tensors

    @contextmanager
    def one_by_host(self) -> Iterator[None]:
        """Within, the rank that leads its host is first, and the others follow when it is through."""
        yield


ALONE = Ranks()
