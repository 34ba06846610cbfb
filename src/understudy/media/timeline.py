"""When each picture of a video file is shown, found without decoding it where the file tells."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from understudy.media.container import open_video

_PROBED = 3  # pictures decoded to check that each packet makes one
_FALLBACK_RATE = Fraction(25)  # for raw streams that do not tell


@dataclass(frozen=True, eq=False)
class Timeline:
    """The pictures of one video file in the order shown.

    Attributes:
        pts: (N,) int64 presentation times on the file's clock, strictly rising, in units of `time_base`.
        end: when the last picture has been shown, same units.
        time_base: seconds.
        rate: average pictures per second.
        origin: the first picture's time by which the file's other streams go; that is `pts[0]` except in AVI, whose
            clock counts pictures as they are decoded.
        keys: (K, 2) int64, rising: the presentation time of each key picture and the time to seek to for it.
        ordinal: the decoder's pictures carry no usable times; the n-th decoded one is shown at `pts[n]`.
        complete: the file holds all that its header promises.
    """

    pts: NDArray[np.int64]
    end: int
    time_base: Fraction
    rate: Fraction
    origin: int
    keys: NDArray[np.int64]
    ordinal: bool
    complete: bool

    def __len__(self) -> int:
        return len(self.pts)

    def time(self, index: int) -> Fraction:
        """Seconds from the first picture to picture `index`."""
        return int(self.pts[index] - self.pts[0]) * self.time_base

    def duration(self, index: int) -> Fraction:
        """Seconds for which picture `index` is shown."""
        after = self.end if index + 1 == len(self) else int(self.pts[index + 1])
        return (after - int(self.pts[index])) * self.time_base

    def index_at(self, pts: int | None) -> int | None:
        """The picture shown at exactly `pts`, or None."""
        if pts is None:
            return None
        index = int(np.searchsorted(self.pts, pts))
        return index if index < len(self) and self.pts[index] == pts else None

    def key_before(self, index: int) -> int | None:
        """Where to seek to so that decoding reaches picture `index`; None where only the file's start will do."""
        row = int(np.searchsorted(self.keys[:, 0], self.pts[index], side="right")) - 1
        return None if row < 0 or self.ordinal else int(self.keys[row, 1])

    @property
    def variable_rate(self) -> bool:
        """Whether a picture is shown more than half a picture's time away from its place at the average rate."""
        if len(self) < 3:
            return False
        even = np.linspace(self.pts[0], self.pts[-1], len(self))
        return bool(np.abs(self.pts - even).max() * self.time_base * self.rate > Fraction(1, 2))


def read_timeline(path: Path) -> Timeline:
    """The timeline of a video file, from its packets' headers alone.

    A file whose packets lack times or do not make one picture each (broken-off starts, separate fields, damage) is
    decoded once from end to end instead, so that the number of pictures is exact all the same.

    Raises:
        UnderstudyError: as `open_video`. An empty timeline is no error here.
    """
    with open_video(path) as (container, stream):
        packets = [_row(p) for p in intact_packets(container, stream) if p.size and not p.is_discard]
        timeline = _assemble(packets, stream)
    if timeline.ordinal or not _packets_make_pictures(path, timeline):
        with open_video(path) as (container, stream):
            timeline = _assemble([_row(picture) for picture in decoded(container, stream)], stream)
    return timeline


def intact_packets(container: InputContainer, stream: VideoStream) -> Iterator["av.Packet[VideoStream]"]:
    """The stream's whole packets up to where the file breaks off, then the empty one that flushes the decoder."""
    try:
        for packet in container.demux(stream):
            if not packet.is_corrupt:
                yield packet
    except FFmpegError:
        flush: av.Packet[VideoStream] = av.Packet()  # type: ignore[assignment]  # its stream is set next
        flush.stream = stream
        yield flush


def decoded(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """Every picture that can be decoded from here on; damaged packets are passed over."""
    for packet in intact_packets(container, stream):
        with suppress(FFmpegError):
            yield from packet.decode()


def _packets_make_pictures(path: Path, timeline: Timeline) -> bool:
    """Whether the first pictures out of the decoder are the first ones of the timeline."""
    with open_video(path) as (container, stream):
        first = [timeline.index_at(picture.pts) for picture in islice(decoded(container, stream), _PROBED)]
    return first == list(range(min(_PROBED, len(timeline))))


_Row = tuple[int | None, int | None, int, bool]  # pts, dts, duration, whether a key picture


def _row(item: "av.Packet[VideoStream] | av.VideoFrame") -> _Row:
    key = item.key_frame if isinstance(item, av.VideoFrame) else item.is_keyframe
    return item.pts, item.dts, item.duration or 0, key


def _assemble(rows: list[_Row], stream: VideoStream) -> Timeline:
    declared_rate = stream.average_rate or stream.guessed_rate or _FALLBACK_RATE
    time_base = stream.time_base or 1 / declared_rate
    ordinal = len({pts for pts, *_ in rows if pts is not None}) < len(rows)
    if ordinal:
        time_base = 1 / declared_rate
        rows = [(n, None, 1, key) for n, (_, _, _, key) in enumerate(rows)]
    shown = sorted((pts, dts, duration, key) for pts, dts, duration, key in rows if pts is not None)
    times = np.array([pts for pts, *_ in shown], np.int64)
    keys = [(pts, pts if dts is None else min(pts, dts)) for pts, dts, _, key in shown if key]
    origin = shown[0][0] if shown else 0
    if stream.container.format.name == "avi":
        origin = min((dts for _, dts, _, _ in shown if dts is not None), default=origin)
    end = 0
    if shown:
        step = max(1, round(1 / (declared_rate * time_base)))
        end = shown[-1][0] + (shown[-1][2] if shown[-1][2] > 0 else step)
    return Timeline(
        pts=times,
        end=end,
        time_base=time_base,
        rate=_average_rate(len(times), (end - int(times[0])) * time_base, declared_rate) if shown else declared_rate,
        origin=origin,
        keys=np.array(keys, np.int64).reshape(-1, 2),
        ordinal=ordinal,
        complete=_is_complete(stream, len(rows), end * time_base + 2 / declared_rate),
    )


def _average_rate(count: int, seconds: Fraction, declared: Fraction) -> Fraction:
    """The declared rate where the pictures bear it out (it is free of rounded times), else the measured one."""
    measured = count / seconds
    return declared if abs(declared / measured - 1) < Fraction(1, 100) else measured.limit_denominator(100_000)


def _is_complete(stream: VideoStream, count: int, end: Fraction) -> bool:
    """Whether `count` pictures up to `end` seconds are all that the file's header promises, where it promises any."""
    container = stream.container.format.name
    if container == "avi":
        return count >= stream.frames
    if "mp4" in container and stream.duration is not None and stream.time_base is not None:
        return end >= ((stream.start_time or 0) + stream.duration) * stream.time_base
    hours, _, rest = stream.metadata.get("DURATION", "").partition(":")  # Matroska: 00:00:01.600000000
    minutes, _, seconds = rest.partition(":")
    try:
        return end >= int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return True
