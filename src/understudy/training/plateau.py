"""Whether a loss has stopped falling."""

from collections.abc import Sequence

GAIN = 0.01
"""By which share of itself a loss must fall from one window to the next to be still falling."""


class Plateau:
    """Compares the mean of each window of iterations with that of the window before.

    Args:
        window: iterations; 0: a plateau is never reached.

    Attributes:
        reached: the last whole window was not better than the one before by `GAIN`.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._sum, self._count = 0.0, 0
        self._before: float | None = None
        self.reached = False

    def add(self, loss: float) -> None:
        """Hear of the next iteration's loss."""
        if not self._window:
            return
        self._sum += loss
        self._count += 1
        if self._count == self._window:
            mean = self._sum / self._count
            self.reached = self._before is not None and mean > (1 - GAIN) * self._before
            self._sum, self._count, self._before = 0.0, 0, mean

    def state(self) -> list[float | None]:
        """What it remembers, as JSON values."""
        return [self._sum, self._count, self._before]

    def restore(self, state: Sequence[float | None]) -> None:
        """Go on from what `state` gave.

        Raises:
            TypeError, ValueError: it is no such state.
        """
        total, count, before = state
        if total is None or count is None:
            raise ValueError("a sum without a number")
        self._sum, self._count, self._before = float(total), int(count), before
