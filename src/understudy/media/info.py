"""What is known of a source before its pictures are decoded."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from understudy.media.frame import ColorTags
from understudy.media.hdr import HdrMetadata

MAX_SIDE = 16384  # pixels; a larger picture is refused before anything is allocated for it


@dataclass(frozen=True)
class Clip:
    """One file (or one run of pictures) within a source.

    Attributes:
        path: the video file, the folder of pictures or the first picture.
        frame_count: pictures in the clip.
        start: when its first picture is shown, in seconds of the source.
        duration: seconds from there until its last picture has been shown.
        kind: whether it is video or picture files.
        origin: the first picture's time on the file's own clock, in seconds; the file's other streams share that clock.
        is_part: the clip is a part of its file: what the file's other streams have outside of it does not belong to it.
        sound: the number of the only sound track that belongs to the clip; None: all of them, -1: none.
    """

    path: Path
    frame_count: int
    start: Fraction
    duration: Fraction
    origin: Fraction = Fraction(0)
    kind: Literal["video", "images"] = "video"
    is_part: bool = False
    sound: int | None = None


@dataclass(frozen=True)
class SourceInfo:
    """A source, which is one clip or several shown one after another.

    Attributes:
        paths: files and folders as given.
        width, height: pixels in display orientation, after rotation.
        frame_count: exact number of pictures.
        rate: average pictures per second.
        variable_rate: pictures are not evenly spaced (by more than half a picture's time).
        time_base: seconds; every presentation time is a whole multiple of it.
        duration: seconds.
        bit_depth: 8 to 16 bits a sample, 32 for floating point.
        has_alpha: frames carry an alpha plane.
        color: colour tags.
        pixel_format: FFmpeg's name of the decoder's format; None for pictures, and for clips that differ in it.
        rotation: degrees clockwise by which stored pictures are turned to come upright (0, 90, 180 or 270).
        sample_aspect_ratio: width of a pixel over its height, as displayed.
        has_audio: at least one clip has sound.
        clips: the clips in order.
        kind: whether the source is video or picture files.
        hdr: what it says of its brightness; None: nothing, or its clips differ in it.
    """

    paths: tuple[Path, ...]
    width: int
    height: int
    frame_count: int
    rate: Fraction
    variable_rate: bool
    time_base: Fraction
    duration: Fraction
    bit_depth: int
    has_alpha: bool
    color: ColorTags
    pixel_format: str | None
    rotation: int
    sample_aspect_ratio: Fraction
    has_audio: bool
    clips: tuple[Clip, ...]
    kind: Literal["video", "images"]
    hdr: HdrMetadata | None = None

    @property
    def clip_starts(self) -> list[int]:
        """The index of every clip's first frame."""
        return [sum(clip.frame_count for clip in self.clips[:place]) for place in range(len(self.clips))]

    def clip_of(self, index: int) -> Clip:
        """The clip that frame `index` of the source belongs to."""
        for clip in self.clips:
            if index < clip.frame_count:
                return clip
            index -= clip.frame_count
        raise IndexError("the source has no such frame")
