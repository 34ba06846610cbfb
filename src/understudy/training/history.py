"""The loss curve on disk: one CSV line now and then, appended, so that charts can follow a running training."""

import csv
from collections.abc import Sequence
from pathlib import Path

from understudy.project.atomic import write_text
from understudy.project.errors import UnderstudyError

HEADER = ("iteration", "src_loss", "dst_loss", "seconds")


class LossHistory:
    """`loss.csv` of a model: mean losses since the line before, and training time over all runs.

    Args:
        path: the file.
        iteration: lines beyond it, written by a run whose checkpoint was not reached, are dropped.

    Raises:
        UnderstudyError: the file cannot be written.
    """

    def __init__(self, path: Path, *, iteration: int) -> None:
        self._path = path
        kept = [row for row in read_losses(path) if row[0] <= iteration]
        self._losses = [(src, dst) for _, src, dst, _ in kept]
        lines = [",".join(HEADER), *(f"{n:.0f},{src:.5f},{dst:.5f},{seconds:.1f}" for n, src, dst, seconds in kept)]
        write_text(path, "\n".join(lines) + "\n")

    @property
    def losses(self) -> Sequence[tuple[float, float]]:
        """Src and dst loss of every line."""
        return self._losses

    def append(self, iteration: int, src_loss: float, dst_loss: float, seconds: float) -> None:
        """Add one line.

        Raises:
            UnderstudyError: the file cannot be written.
        """
        self._losses.append((src_loss, dst_loss))
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{iteration},{src_loss:.5f},{dst_loss:.5f},{seconds:.1f}\n")
        except OSError as error:
            raise UnderstudyError(f"cannot write {self._path}: {error.strerror}; free some space") from error


def read_losses(path: Path) -> list[tuple[float, float, float, float]]:
    """The lines of a `loss.csv` as (iteration, src loss, dst loss, seconds); broken lines are passed over."""
    if not path.is_file():
        return []
    rows = []
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.reader(file):
            try:
                iteration, src_loss, dst_loss, seconds = map(float, row)
            except ValueError:
                continue
            rows.append((iteration, src_loss, dst_loss, seconds))
    return rows
