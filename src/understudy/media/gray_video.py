"""Grey video, as of masks: it has a clip's size and timing, and none of its sound."""

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from understudy.media.encode import EncodeSettings
from understudy.media.frame import ColorTags, Frame
from understudy.media.image_file import quantize
from understudy.media.info import SourceInfo
from understudy.media.video_sink import VideoSink
from understudy.project.errors import UnderstudyError

_ENCODING = {
    ".mp4": EncodeSettings(codec="h264", quality=1, chroma="420", bits=8),  # what players play
    ".mov": EncodeSettings(codec="prores", profile="hq"),
}
_WITHOUT_LOSS = EncodeSettings(codec="ffv1")


class GrayVideo:
    """Takes one grey picture per frame; in a `with` statement, the video appears when all of them are there."""

    def __init__(self, path: Path, like: SourceInfo) -> None:
        """Begin to write `path`; without loss in .mkv and .avi, 8 bits deep where the clip is, else 16.

        Raises:
            UnderstudyError: it is the clip itself, or cannot be written.
        """
        if any(path.resolve() == own.resolve() for own in like.paths):
            raise UnderstudyError(f"{path} is the source itself: name another file for the result")
        deep = like.bit_depth > 8
        self._depth: type[np.uint8] | type[np.uint16] = np.uint16 if deep else np.uint8
        info = replace(
            like,
            pixel_format="gray16le" if deep else "gray",
            bit_depth=16 if deep else 8,
            has_alpha=False,
            color=ColorTags(),
            hdr=None,
            clips=(),  # whose sound would come along
        )
        self._sink = VideoSink(path, info=info, settings=_ENCODING.get(path.suffix.lower(), _WITHOUT_LOSS))

    def write(self, frame: Frame, gray: NDArray[np.float32]) -> None:
        """Add a picture (H, W), 0..1, with the time of `frame`.

        Raises:
            UnderstudyError: an earlier one could not be written.
        """
        pixels = np.repeat(quantize(gray, self._depth)[..., None], 3, axis=2)
        shown = replace(frame, pixels=pixels, alpha=None, native=None, color=ColorTags())
        self._sink.write(shown, pixels, None)

    def close(self) -> None:
        """Let the video appear.

        Raises:
            UnderstudyError: it cannot be written.
        """
        self._sink.close()

    def abort(self) -> None:
        """Give up: nothing stays behind. After `close` it does nothing."""
        self._sink.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._sink.__exit__(kind, error, traceback)
