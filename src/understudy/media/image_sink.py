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

from understudy.media.encode import EncodeSettings
from understudy.media.exr import write_channels
from understudy.media.frame import Frame
from understudy.media.image_file import Bits, write_image
from understudy.media.info import SourceInfo
from understudy.media.matte import PLACES, Matte, MatteUse, in_layers
from understudy.media.relay import Behind
from understudy.media.scene_light import HLG, PQ, exr_attributes
from understudy.project.errors import UnderstudyError

_DEPTHS: dict[str, tuple[Bits, ...]] = {"png": (8, 16), "tiff": (8, 16), "jpg": (8,), "exr": (16, 32)}
_WRITERS, _BEHIND = 2, 4  # threads, and pictures that may wait for them


class ImageSink:
    """Writes each frame as one picture into a folder, which appears when the sink is closed and not before.

    A picture keeps the name that it has in the source; those of a video are numbered by frame, from `00001`.

    Attributes:
        notes: one line for each thing in which the output differs from the source.
    """

    def __init__(
        self, path: Path, *, info: SourceInfo, settings: EncodeSettings, mattes: MatteUse | None = None
    ) -> None:
        """Begin to write the folder `path`.

        Args:
            mattes: `write` is given them, and this is done with them.

        Raises:
            UnderstudyError: there is such a file, or a folder that is not empty; it cannot be created; or the format
                has no such depth, no alpha or no layers.
        """
        image_format = settings.image_format
        self._bits = bits_of_pictures(path, settings, mattes)
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            raise UnderstudyError(f"{path} exists already: remove it or name another folder")
        self.path = path
        self.notes = [f"pictures in .{image_format}"]
        if info.has_audio:
            self.notes.append("a folder of pictures has no sound: it is left out")
        if image_format == "exr" and info.color.transfer in (PQ, HLG):
            self.notes.append("exr holds HDR as linear light, with reference white at 1")
        if info.has_alpha and image_format == "jpg":
            self.notes.append("jpg has no alpha: it is left out; png, tiff and exr keep it")
        self._mattes = mattes
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

    def write(
        self,
        frame: Frame,
        pixels: NDArray[Any],
        changed: NDArray[np.bool_] | None,  # noqa: ARG002
        matte: Matte | None = None,
    ) -> None:
        """Add `frame` with `pixels` (H, W, 3) for its own; written in the background. `changed` does not matter here.

        Pixels and `frame.pixels` must not be written to afterwards.

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
            self._workers.submit(partial(self._write, self._folder / (name + self._suffix), frame, pixels, matte))
        except BaseException:
            self.abort()
            raise

    def _write(self, path: Path, frame: Frame, pixels: NDArray[Any], matte: Matte | None) -> None:
        bits = self._bits
        if path.suffix == ".exr" and bits is None:
            bits = 32 if frame.pixels.dtype == np.float32 else 16
        if self._mattes == "layers" and matte is not None:
            channels = in_layers(pixels, frame.pixels, matte, frame.color)
            write_channels(path, channels, half=bits == 16, exact=PLACES, attributes=exr_attributes(frame.color))
        else:
            write_image(path, pixels, frame.alpha if matte is None else matte.alpha, bits=bits, color=frame.color)

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


def bits_of_pictures(path: Path, settings: EncodeSettings, mattes: MatteUse | None = None) -> Bits | None:
    """Bits a sample of the folder `path`; None: as many as the source has.

    Raises:
        UnderstudyError: the format has no such depth, no alpha or no layers.
    """
    if mattes == "alpha" and settings.image_format == "jpg":
        raise UnderstudyError(f"{path}: jpg has no alpha: choose png, tiff or exr")
    if mattes == "layers" and settings.image_format != "exr":
        raise UnderstudyError(f"{path}: {settings.image_format} has no layers: choose exr")
    possible = _DEPTHS[settings.image_format]
    if settings.bits is None:
        return None
    for bits in possible:
        if bits == settings.bits:
            return bits
    fitting = " or ".join(map(str, possible))
    raise UnderstudyError(f"{path}: {settings.image_format} has no {settings.bits} bits a sample: choose {fitting}")
