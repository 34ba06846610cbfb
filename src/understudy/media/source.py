"""Where frames come from: files opened as one source, whatever they are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from math import lcm
from pathlib import Path
from typing import Protocol

from understudy.media.frame import Frame
from understudy.media.images import IMAGE_SUFFIXES, ImageSource, pictures_in
from understudy.media.info import SourceInfo
from understudy.media.video import VideoSource
from understudy.project.errors import UnderstudyError


class FrameSource(Protocol):
    """Frames with exact indices and times, readable from any index, any number of times."""

    @property
    def info(self) -> SourceInfo: ...

    @property
    def warnings(self) -> list[str]:
        """One line for each thing that is wrong with the files but could be lived with; may grow while reading."""

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), in the order shown."""


def open_source(paths: Sequence[Path], *, image_rate: Fraction = Fraction(25), one_size: bool = True) -> FrameSource:
    """Open video files, folders of pictures and picture files as one source, shown one after another.

    Args:
        paths: in the order shown; a folder's pictures come in natural order, and picture files that follow each other
            make one clip.
        image_rate: pictures per second of picture files.
        one_size: every frame must have the size of the first; else `info` tells that of the first.

    Raises:
        UnderstudyError: a path is missing, unreadable or empty; or clips differ in size though they must not.
    """
    if not paths:
        raise UnderstudyError("no source is given: name a video file or a folder of pictures")
    clips: list[FrameSource] = []
    for are_pictures, group in groupby(paths, lambda path: path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir()):
        if are_pictures:
            pictures = tuple(group)
            clips.append(ImageSource(pictures[0], pictures, rate=image_rate, one_size=one_size))
        else:
            clips += [
                ImageSource(path, pictures_in(path), rate=image_rate, one_size=one_size)
                if path.is_dir()
                else VideoSource(path)
                for path in group
            ]
    if one_size:
        _refuse_mixed_sizes([clip.info for clip in clips])
    return clips[0] if len(clips) == 1 else JoinedSource(clips)


class JoinedSource:
    """Several sources shown one after another; indices and times continue."""

    def __init__(self, sources: Sequence[FrameSource]) -> None:
        self._sources = tuple(sources)
        self.info = _join([source.info for source in sources])

    @property
    def warnings(self) -> list[str]:
        return [line for source in self._sources for line in source.warnings]

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), in the order shown.

        Raises:
            ValueError: `start` or `stop` lies outside the source.
        """
        stop = self.info.frame_count if stop is None else stop
        if not 0 <= start <= stop <= self.info.frame_count:
            raise ValueError(f"frames {start} to {stop} of a source of {self.info.frame_count}")
        return self._frames(start, stop)

    def _frames(self, start: int, stop: int) -> Iterator[Frame]:
        first, time = 0, Fraction(0)
        for source in self._sources:
            count = source.info.frame_count
            begin, end = max(start - first, 0), min(stop - first, count)
            if begin < end:
                for frame in source.frames(begin, end):
                    yield replace(frame, index=first + frame.index, time=time + frame.time)
            first, time = first + count, time + source.info.duration


def _refuse_mixed_sizes(infos: Sequence[SourceInfo]) -> None:
    first = infos[0]
    for info in infos[1:]:
        if (info.width, info.height) != (first.width, first.height):
            raise UnderstudyError(
                f"{info.paths[0]} is {info.width}x{info.height} but {first.paths[0]} is {first.width}x{first.height}: "
                "clips of one source must have one size"
            )


def _join(infos: Sequence[SourceInfo]) -> SourceInfo:
    first = infos[0]
    count, duration = sum(info.frame_count for info in infos), sum((info.duration for info in infos), Fraction(0))
    rates = {info.rate for info in infos}
    clips = []
    time = Fraction(0)
    for info in infos:
        clips += [replace(clip, start=time + clip.start) for clip in info.clips]
        time += info.duration
    formats = {info.pixel_format for info in infos}
    return replace(
        first,
        paths=tuple(path for info in infos for path in info.paths),
        frame_count=count,
        rate=first.rate if len(rates) == 1 else (count / duration).limit_denominator(100_000),
        variable_rate=len(rates) > 1 or any(info.variable_rate for info in infos),
        time_base=Fraction(
            1, lcm(*((value).denominator for info in infos for value in (info.time_base, info.duration)))
        ),
        duration=duration,
        bit_depth=max(info.bit_depth for info in infos),
        has_alpha=any(info.has_alpha for info in infos),
        pixel_format=first.pixel_format if len(formats) == 1 else None,
        has_audio=any(info.has_audio for info in infos),
        hdr=first.hdr if len({info.hdr for info in infos}) == 1 else None,
        clips=tuple(clips),
        kind="video" if any(info.kind == "video" for info in infos) else "images",
    )
