"""The masks of merged frames as a grey video, with the footage's timing. They show no face: nothing in it is marked."""

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from understudy.media import ColorTags, EncodeSettings, Frame, SourceInfo
from understudy.media.encode import VIDEO_SUFFIXES
from understudy.media.video_sink import VideoSink
from understudy.merging.levels import from_display
from understudy.project.errors import UnderstudyError

_ENCODING = {
    ".mp4": EncodeSettings(codec="h264", quality=1, chroma="420", bits=8),  # what players play
    ".mov": EncodeSettings(codec="prores", profile="hq"),
}
_WITHOUT_LOSS = EncodeSettings(codec="ffv1")


class MaskVideo:
    """Takes one mask per frame; in a `with` statement, the video appears when all of them are there."""

    def __init__(self, path: Path, footage: SourceInfo) -> None:
        """Begin to write `path`; without loss in .mkv and .avi, 8 bits deep where the footage is, else 16.

        Raises:
            UnderstudyError: it cannot be written.
        """
        if any(path.resolve() == own.resolve() for own in footage.paths):
            raise UnderstudyError(f"{path} is the footage itself: name another file for the result")
        deep = footage.bit_depth > 8
        self._depth = np.uint16 if deep else np.uint8
        masks = replace(
            footage,
            pixel_format="gray16le" if deep else "gray",
            bit_depth=16 if deep else 8,
            has_alpha=False,
            color=ColorTags(),
            hdr=None,
            clips=(),  # whose sound would come along
        )
        self._sink = VideoSink(path, info=masks, settings=_ENCODING.get(path.suffix.lower(), _WITHOUT_LOSS))

    def write(self, frame: Frame, alpha: NDArray[np.float32]) -> None:
        """Add the mask (H, W), 0..1, of `frame`: white is the face.

        Raises:
            UnderstudyError: an earlier mask could not be written.
        """
        gray = from_display(alpha, self._depth)
        pixels = np.repeat(gray[..., None], 3, axis=2)
        mask = replace(frame, pixels=pixels, alpha=None, native=None, color=ColorTags())
        self._sink.write(mask, pixels, None)

    def __enter__(self) -> Self:
        self._sink.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._sink.__exit__(kind, error, traceback)


def mask_video_path(result: Path) -> Path:
    """Where the masks of a result go: beside it, `result_mask` with its suffix."""
    return result.with_name(f"{result.stem}_mask{result.suffix if result.suffix.lower() in VIDEO_SUFFIXES else '.mkv'}")
