"""Where frames go: a video file or a folder of pictures, whatever the path says."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from understudy.media.encode import VIDEO_SUFFIXES, EncodeSettings
from understudy.media.frame import Frame
from understudy.media.image_sink import ImageSink
from understudy.media.matte import Matte, MatteUse
from understudy.media.planes import LumaPlane
from understudy.media.source import FrameSource
from understudy.media.video_sink import VideoSink
from understudy.project.errors import UnderstudyError


class FrameSink(Protocol):
    """Takes frames in the order shown. As a context manager it closes on success and aborts on an exception."""

    notes: list[str]

    def write(
        self, frame: Frame, pixels: NDArray[Any], changed: NDArray[np.bool_] | None, matte: Matte | None = None
    ) -> None:
        """Add `frame` with `pixels` (H, W, 3), unlike its own at most where `changed` (H, W); None: anywhere.

        `matte` belongs to sinks that were opened for mattes.
        """

    def close(self) -> None:
        """Finish the output and put it in place."""

    def abort(self) -> None:
        """Give up: nothing stays behind."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_sink(
    path: Path,
    *,
    like: FrameSource,
    settings: EncodeSettings,
    mattes: MatteUse | None = None,
    retouch: Callable[[LumaPlane], None] | None = None,
) -> FrameSink:
    """Begin to write frames like those of a source: same size, count, times, colours and, in video, other streams.

    Args:
        path: `.mp4`, `.mov`, `.mkv` or `.avi` for video; without a suffix, or ending in one of a picture format
            (`shot.png`), a folder of pictures in `settings.image_format`.
        like: the source.
        settings: of the encoder.
        mattes: each frame comes with a `Matte`, which becomes the file's alpha or a layer of it.
        retouch: changes the luma of every picture of a video in place, just before it is encoded, on another thread.

    Raises:
        UnderstudyError: the suffix is unknown, the codec does not fit it, the file would have no alpha or layers where
            mattes are given, `path` is a file of the source itself, or it cannot be written.
    """
    if any(path.resolve() == own.resolve() for own in like.info.paths):
        raise UnderstudyError(f"{path} is the source itself: name another file for the result")
    refuse_suffix(path, settings)
    if path.suffix.lower() in VIDEO_SUFFIXES:
        if mattes == "layers":
            raise UnderstudyError(f"{path}: video has no layers: name a folder, and choose exr")
        return VideoSink(path, info=like.info, settings=settings, alpha=mattes == "alpha", retouch=retouch)
    return ImageSink(path, info=like.info, settings=settings, mattes=mattes)


def refuse_suffix(path: Path, settings: EncodeSettings) -> None:
    """Refuse a name that is neither a video's nor that of a folder of pictures.

    Raises:
        UnderstudyError: its suffix is unknown.
    """
    suffix = path.suffix.lower()
    if suffix not in VIDEO_SUFFIXES and suffix not in ("", f".{settings.image_format}"):
        known = ", ".join(sorted(VIDEO_SUFFIXES))
        raise UnderstudyError(f"{path}: {suffix} is no output format: use {known}, or a folder's name for pictures")
