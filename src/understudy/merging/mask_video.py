"""The masks of merged frames as a video. It shows no face: nothing in it is marked."""

from pathlib import Path

from understudy.media import SourceInfo
from understudy.media.encode import VIDEO_SUFFIXES
from understudy.media.gray_video import GrayVideo


def open_mask_video(result: Path, footage: SourceInfo) -> GrayVideo:
    """Begin to write the masks beside `result`, as in `result_mask.mp4`; `.mkv` beside a folder of pictures.

    Raises:
        UnderstudyError: it cannot be written.
    """
    suffix = result.suffix if result.suffix.lower() in VIDEO_SUFFIXES else ".mkv"
    return GrayVideo(result.with_name(f"{result.stem}_mask{suffix}"), footage)
