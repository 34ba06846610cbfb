"""Losses and previews for TensorBoard, which reads them while the training goes on."""

from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from understudy.project.errors import UnderstudyError


class Board(Protocol):
    """Where a training reports itself."""

    def losses(self, iteration: int, src_loss: float, dst_loss: float, rate: float) -> None:
        """Report the mean losses since the last report, and iterations per second."""

    def picture(self, iteration: int, sheet: Path) -> None:
        """Report a preview sheet."""


class NoBoard:
    """Reports nowhere."""

    def losses(self, iteration: int, src_loss: float, dst_loss: float, rate: float) -> None:
        pass

    def picture(self, iteration: int, sheet: Path) -> None:
        pass


def check_tensorboard() -> None:
    """Whether there is a TensorBoard to write for.

    Raises:
        UnderstudyError: the package is not installed.
    """
    if find_spec("tensorboard") is None:
        raise UnderstudyError(
            "--tensorboard needs a package that is not installed: pip install 'understudy[tensorboard]'"
        )


class TensorBoard:
    """Writes event files to `folder`.

    Args:
        folder: as `tensorboard --logdir` takes it.
        iteration: events beyond it, of a run whose checkpoint was not reached, are hidden.

    Raises:
        UnderstudyError: the package is not installed.
    """

    def __init__(self, folder: Path, *, iteration: int) -> None:
        check_tensorboard()
        from torch.utils.tensorboard import SummaryWriter  # not above: the package is an extra

        self._writer = SummaryWriter(str(folder), purge_step=iteration + 1, max_queue=1000)

    def losses(self, iteration: int, src_loss: float, dst_loss: float, rate: float) -> None:
        """Report the mean losses since the last report, and iterations per second."""
        for name, value in (("loss/src", src_loss), ("loss/dst", dst_loss), ("iterations per second", rate)):
            self._writer.add_scalar(name, value, iteration)

    def picture(self, iteration: int, sheet: Path) -> None:
        """Report a preview sheet."""
        self._writer.add_image(sheet.stem, np.asarray(Image.open(sheet)), iteration, dataformats="HWC")
        self._writer.flush()
