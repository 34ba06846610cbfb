"""Video files as sources of frames: exact index, exact time, any start."""

import sys
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.stream import VideoStream

from understudy.media.container import open_video
from understudy.media.frame import Frame
from understudy.media.glimpse import GlimpseReader
from understudy.media.hdr import hdr_metadata
from understudy.media.info import Clip, SourceInfo
from understudy.media.orientation import Orientation, from_display_matrix
from understudy.media.relay import prefetch
from understudy.media.rgb import RgbReader, bit_depth, color_tags, has_alpha
from understudy.media.timeline import Timeline, decoded, intact_packets, read_timeline
from understudy.project.errors import UnderstudyError

_AHEAD = 4  # frames decoded before they are asked for


class VideoSource:
    """One video file.

    Attributes:
        info: what is known of it.
        warnings: one line for each thing that is wrong with the file but could be lived with; grows while reading.
    """

    def __init__(self, path: Path) -> None:
        """Open `path`, count its pictures and decode the first.

        Raises:
            UnderstudyError: the file is missing, empty, no media file, without video, too large, or cannot be decoded.
        """
        self.path = path
        self.warnings: list[str] = []
        self._timeline = read_timeline(path)
        if not len(self._timeline):
            raise UnderstudyError(f"{path} holds no picture that can be decoded: copy it again from its original")
        with open_video(path) as (container, stream):
            first = next(decoded(container, stream))
            self._orientation = _orientation(first)
            self._stored_size = first.width, first.height
            self.info = _describe(path, self._timeline, first, self._orientation, stream)
        if not self._timeline.complete:
            self._warn("is cut short: only the part that is there is read")

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), in the order shown.

        Frames are decoded ahead on a background thread, which ends with the iterator. A picture that is too damaged
        to decode is left out, and `warnings` says so.

        Raises:
            UnderstudyError: the picture's size changes within the file.
            ValueError: `start` or `stop` lies outside the source.
        """
        stop = len(self._timeline) if stop is None else stop
        if not 0 <= start <= stop <= len(self._timeline):
            raise ValueError(f"frames {start} to {stop} of a source of {len(self._timeline)}")
        return prefetch(self._frames(start, stop, RgbReader()), depth=_AHEAD)

    def glimpses(self, side: int) -> Iterator[Frame]:
        """Every frame at most `side` pixels wide and high, 8 bit: several times as fast as `frames`."""
        return prefetch(self._frames(0, len(self._timeline), GlimpseReader(side)), depth=_AHEAD)

    def index_from(self, time: Fraction) -> int:
        """The first frame shown at `time` (seconds from the start) or after it, to the millisecond."""
        ticks = (time - Fraction(1, 1000)) / self._timeline.time_base
        return int(np.searchsorted(self._timeline.pts, int(self._timeline.pts[0]) + ceil(ticks)))

    def key_before(self, index: int) -> int:
        """The last frame up to `index` from which decoding can begin."""
        keys = self._timeline.keys[:, 0]
        row = int(np.searchsorted(keys, self._timeline.pts[index], side="right")) - 1
        return 0 if row < 0 else int(np.searchsorted(self._timeline.pts, keys[row]))

    def time_of(self, index: int) -> Fraction:
        """Seconds from the start to frame `index`."""
        return self._timeline.time(index)

    def duration_of(self, index: int) -> Fraction:
        """Seconds for which frame `index` is shown."""
        return self._timeline.duration(index)

    def _frames(self, start: int, stop: int, reader: RgbReader | GlimpseReader) -> Iterator[Frame]:
        if start == stop:
            return
        expected = start
        for index, native in self._pictures_reaching(start):
            if index < expected:
                continue
            if index > expected:
                self._warn(f"has damaged pictures, which are left out, the first at frame {expected}")
            if index >= stop:
                return
            expected = index + 1
            yield self._frame(index, native, reader)
            if expected == stop:
                return
        if expected < stop:
            self._warn(f"breaks off: frame {expected - 1} is the last of {len(self._timeline)} that can be decoded")

    def _frame(self, index: int, native: av.VideoFrame, reader: RgbReader | GlimpseReader) -> Frame:
        if (native.width, native.height) != self._stored_size:
            was, now = "{}x{}".format(*self._stored_size), f"{native.width}x{native.height}"
            raise UnderstudyError(f"{self.path} changes size from {was} to {now} at frame {index}: split it there")
        pixels, alpha = reader.read(native)
        upright = self._orientation.is_upright
        if not upright:
            pixels = self._orientation.apply(pixels)
            alpha = None if alpha is None else self._orientation.apply(alpha)
        return Frame(
            pixels=pixels,
            index=index,
            time=self._timeline.time(index),
            duration=self._timeline.duration(index),
            color=color_tags(native),
            alpha=alpha,
            native=native if upright else None,
        )

    def _pictures_reaching(self, index: int) -> Iterator[tuple[int, av.VideoFrame]]:
        """Decoded pictures with their indices, from `index` or before it on."""
        seek_to = self._timeline.key_before(index) if index else None
        if seek_to is not None:
            pictures = self._pictures(seek_to=seek_to, reach=index)
            first = next(pictures, None)
            if first is not None and first[0] <= index:
                yield first
                yield from pictures
                return
        # Containers may seek beyond what was asked, and decoders hold pictures back until a stream has recovered.
        yield from self._pictures()

    def _pictures(self, *, seek_to: int | None = None, reach: int = sys.maxsize) -> Iterator[tuple[int, av.VideoFrame]]:
        """Decoded pictures with their indices; none if seeking passed picture `reach`."""
        with open_video(self.path) as (container, stream):
            if seek_to is not None:
                container.seek(seek_to, stream=stream)
                landed = next((packet.pts for packet in intact_packets(container, stream) if packet.size), None)
                if landed is None or landed > self._timeline.pts[reach]:
                    return
                container.seek(seek_to, stream=stream)
            for ordinal, native in enumerate(decoded(container, stream)):
                index = ordinal if self._timeline.ordinal else self._timeline.index_at(native.pts)
                if index is not None:
                    yield index, native

    def _warn(self, what: str) -> None:
        line = f"{self.path} {what}"
        if line not in self.warnings:
            self.warnings.append(line)


def _orientation(picture: av.VideoFrame) -> Orientation:
    side_data: Any = picture.side_data
    matrix = side_data.get(SideDataType.DISPLAYMATRIX)
    return Orientation() if matrix is None else from_display_matrix(bytes(matrix))


def _describe(
    path: Path, timeline: Timeline, first: av.VideoFrame, orientation: Orientation, stream: VideoStream
) -> SourceInfo:
    width, height = orientation.size(first.width, first.height)
    aspect = stream.sample_aspect_ratio or Fraction(1)
    clip = Clip(
        path=path,
        frame_count=len(timeline),
        start=Fraction(0),
        duration=(timeline.end - int(timeline.pts[0])) * timeline.time_base,
        origin=timeline.origin * timeline.time_base,
    )
    return SourceInfo(
        paths=(path,),
        width=width,
        height=height,
        frame_count=len(timeline),
        rate=timeline.rate,
        variable_rate=timeline.variable_rate,
        time_base=timeline.time_base,
        duration=clip.duration,
        bit_depth=bit_depth(first.format.name),
        has_alpha=has_alpha(first.format.name),
        color=color_tags(first),
        pixel_format=first.format.name,
        rotation=orientation.degrees,
        sample_aspect_ratio=1 / aspect if orientation.quarter_turns % 2 else aspect,
        has_audio=bool(stream.container.streams.audio),
        clips=(clip,),
        kind="video",
        hdr=hdr_metadata(first.side_data),
    )
