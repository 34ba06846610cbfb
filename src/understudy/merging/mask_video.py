"""The masks of merged frames as a video. It shows no face: nothing in it is marked."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from understudy.media import SourceInfo
from understudy.media.encode import VIDEO_SUFFIXES
from understudy.media.gray_video import GrayVideo
from understudy.media.joining import FinishedPart, join_videos
from understudy.merging.outputs import PartWriter
from understudy.merging.render import RenderedFrame


def mask_video_beside(result: Path) -> Path:
    """Where the masks of a result go: `result_mask.mp4`; `.mkv` beside a folder of pictures."""
    suffix = result.suffix if result.suffix.lower() in VIDEO_SUFFIXES else ".mkv"
    return result.with_name(f"{result.stem}_mask{suffix}")


class MaskVideoOutput:
    """An output of grey pictures."""

    identity = "mask video"
    joining = ""

    def __init__(self, path: Path, footage: SourceInfo) -> None:
        self.path = path
        self.suffix = path.suffix
        self._footage = footage

    def open_part(self, path: Path) -> PartWriter:
        return _Part(GrayVideo(path, self._footage))

    def join(self, parts: Sequence[FinishedPart]) -> list[str]:
        return join_videos(self.path, parts, info=self._footage, copy_streams=False)


class _Part:
    """A part's clock begins with its first frame."""

    def __init__(self, video: GrayVideo) -> None:
        self._video = video
        self._start: Fraction | None = None
        self.close, self.abort = video.close, video.abort

    def write(self, rendered: RenderedFrame) -> None:
        frame = rendered.frame
        self._start = frame.time if self._start is None else self._start
        self._video.write(replace(frame, time=frame.time - self._start), rendered.composite.alpha)
