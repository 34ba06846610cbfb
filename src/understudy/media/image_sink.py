"""Folders of picture files as destinations of frames."""

import shutil
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from understudy.media.frame import Frame
from understudy.media.image_file import write_image
from understudy.media.info import SourceInfo
from understudy.media.relay import Behind
from understudy.project.errors import UnderstudyError

_WRITERS, _BEHIND = 2, 4  # threads, and pictures that may wait for them


class ImageSink:
    """Writes each frame as one picture into a folder, which appears when the sink is closed and not before.

    A picture keeps the name that it has in the source; those of a video are numbered by frame, from `00001`.

    Attributes:
        notes: one line for each thing in which the output differs from the source.
    """

    def __init__(self, path: Path, *, info: SourceInfo, image_format: str) -> None:
        """Begin to write the folder `path`.

        Raises:
            UnderstudyError: there is such a file, or a folder that is not empty; or it cannot be created.
        """
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            raise UnderstudyError(f"{path} exists already: remove it or name another folder")
        self.path = path
        self.notes = [f"pictures in .{image_format}"]
        if info.has_audio:
            self.notes.append("a folder of pictures has no sound: it is left out")
        if info.has_alpha and image_format == "jpg":
            self.notes.append("jpg has no alpha: it is left out; png, tiff and exr keep it")
        self._size = (info.height, info.width, 3)
        self._suffix = f".{image_format}"
        self._folder = path.with_name(f".{uuid.uuid4().hex[:12]}")
        self._names: set[str] = set()
        self._closed = False
        try:
            self._folder.mkdir(parents=True)
        except OSError as error:
            raise UnderstudyError(f"cannot write {path}: {error.strerror}") from error
        self._workers = Behind(workers=_WRITERS, depth=_BEHIND)

    def write(self, frame: Frame, pixels: NDArray[Any], changed: NDArray[np.bool_] | None) -> None:  # noqa: ARG002
        """Add `frame` with `pixels` (H, W, 3) for its own; written in the background. `changed` does not matter here.

        Raises:
            UnderstudyError: an earlier picture could not be written (the disk is full); the sink is aborted.
            ValueError: the size is not the source's.
        """
        if pixels.shape != self._size:
            raise ValueError(f"pixels of shape {pixels.shape} for {self._size[1]}x{self._size[0]} pictures")
        name = frame.stem
        if name in self._names:  # two folders of one source with the same numbering
            name = f"{name}_{frame.index + 1:05d}"
        self._names.add(name)
        try:
            self._workers.submit(partial(write_image, self._folder / (name + self._suffix), pixels, frame.alpha))
        except BaseException:
            self.abort()
            raise

    def close(self) -> None:
        """Wait for the pictures and put the folder in place. After `abort` or a first `close` it does nothing.

        Raises:
            UnderstudyError: a picture or the folder could not be written, or there is none.
        """
        if self._closed:
            return
        try:
            self._workers.finish()
            if not self._names:
                raise UnderstudyError(f"{self.path}: no frame was written")
            with suppress(FileNotFoundError):
                self.path.rmdir()
            self._folder.rename(self.path)
            self._closed = True
        except BaseException as error:
            self.abort()
            if isinstance(error, OSError):
                raise UnderstudyError(f"cannot write {self.path}: {error.strerror}") from error
            raise

    def abort(self) -> None:
        """Give up: nothing stays behind. After `close` it does nothing."""
        self._workers.cancel()
        if not self._closed:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
