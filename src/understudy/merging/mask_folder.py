"""The masks of merged frames as pictures, for those who finish the composite elsewhere."""

import shutil
import uuid
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media import Frame
from understudy.merging.levels import from_display
from understudy.project import UnderstudyError
from understudy.project.atomic import write_bytes


class MaskFolder:
    """Takes one mask per frame; the folder appears when it is closed and not before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished = path.with_name(f".{uuid.uuid4().hex[:12]}")

    def write(self, frame: Frame, alpha: NDArray[np.float32]) -> None:
        """Write a mask as PNG, 8 bits deep where the footage is, else 16, under the name of its frame's picture.

        Args:
            frame: the frame.
            alpha: (H, W), 0..1.

        Raises:
            UnderstudyError: the disk is full, or the folder cannot be written to.
        """
        depth = np.uint8 if frame.pixels.dtype == np.uint8 else np.uint16
        _, png = cv2.imencode(".png", from_display(alpha, depth))
        write_bytes(self._unfinished / f"{frame.stem}.png", png.tobytes())

    def close(self) -> None:
        """Let the folder appear.

        Raises:
            UnderstudyError: it cannot be written.
        """
        try:
            self._unfinished.rename(self._path)
        except OSError as error:
            raise UnderstudyError(f"cannot write {self._path}: {error.strerror or error}") from error
        finally:
            self.abort()

    def abort(self) -> None:
        """Give up: nothing stays behind. After `close` it does nothing."""
        with suppress(OSError):
            shutil.rmtree(self._unfinished, ignore_errors=True)
