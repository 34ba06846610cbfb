"""The masks of merged frames as pictures, for those who finish the composite elsewhere."""

import shutil
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media import Frame
from understudy.merging.levels import from_display
from understudy.project.atomic import write_bytes


class MaskFolder:
    """Takes one mask per frame; in a `with` statement, they reach the folder when all of them are there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished = path.with_name(f".{uuid.uuid4().hex[:12]}")
        self._names: set[str] = set()

    def write(self, frame: Frame, alpha: NDArray[np.float32]) -> None:
        """Write a mask as PNG, 8 bits deep where the footage is, else 16, under the name of its frame's picture.

        Args:
            frame: the frame.
            alpha: (H, W), 0..1.

        Raises:
            UnderstudyError: the disk is full, or the folder cannot be written to.
        """
        name = frame.stem
        if name in self._names:  # two folders of one source with the same numbering
            name = f"{name}_{frame.index + 1:05d}"
        self._names.add(name)
        depth = np.uint8 if frame.pixels.dtype == np.uint8 else np.uint16
        _, png = cv2.imencode(".png", from_display(alpha, depth))
        write_bytes(self._unfinished / f"{name}.png", png.tobytes())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._names:
                self._path.mkdir(parents=True, exist_ok=True)
                for mask in self._unfinished.iterdir():
                    mask.replace(self._path / mask.name)
        finally:
            shutil.rmtree(self._unfinished, ignore_errors=True)
