"""A part of a video file cut out without decoding it: fast and lossless, but from a key picture on."""

from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from understudy.media.container import open_container, open_video
from understudy.media.info import Clip
from understudy.media.part import check_sound
from understudy.media.start_timecode import start_timecode
from understudy.media.timeline import intact_packets
from understudy.media.transcode import Transcoded
from understudy.media.video import VideoSource
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent


def copy_part(
    path: Path,
    out: Path,
    *,
    start: Fraction = Fraction(0),
    end: Fraction | None = None,
    sound: int | None = None,
    progress: Progress | None = None,
) -> Transcoded:
    """Copy the compressed pictures and sound of a part of a file; quality and codec stay as they are.

    The part begins at the key picture at or before `start`, where alone decoding can begin, and ends with the picture
    before `end`, or a few later where that one is stored behind them.

    Args:
        start, end: seconds from the file's first frame; end None: to the end.
        sound: the number of the only sound track to be kept, from 0; None: all, -1: none.

    Raises:
        UnderstudyError: as `VideoSource`; no picture is shown in that time, `out` exists, or its container cannot hold
            the streams.
    """
    progress = progress or Silent()
    if out.exists():
        raise UnderstudyError(f"{out} exists already: remove it or name another file")
    check_sound(path, sound)
    source = VideoSource(path)
    count = source.info.frame_count
    first = source.index_from(start)
    stop = count if end is None else min(source.index_from(end), count)
    if first >= stop:
        length = float(source.info.duration)
        raise UnderstudyError(f"{path} shows no frame in that time: it is {length:.3f} seconds long")
    key = source.key_before(first)
    clock = source.info.clips[0].origin
    begin = clock + source.time_of(key)
    finish = clock + source.time_of(stop - 1) + source.duration_of(stop - 1)
    kept = _stored_until(path, finish)
    progress.begin(f"writing {out.name}", kept)
    try:
        with ExitStack() as stack:
            temporary = stack.enter_context(atomic_path(out))
            part = replace(source.info.clips[0], origin=begin, is_part=True, sound=sound)
            written = _copy(part, temporary, finish, kept, progress)
    except (FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnderstudyError(f"cannot copy {path} into {out}: {reason}; leave out --copy") from error
    notes = []
    if key < first:
        notes.append(f"begins {first - key} frames early, at the key picture before the asked one")
    if written != stop - key:
        notes.append(f"holds {written} pictures, where {stop - key} lie in that time")
    return Transcoded(out, written, tuple(notes))


def _stored_until(path: Path, finish: Fraction) -> int:
    """How many packets, from the file's start on, hold every picture shown before `finish`."""
    kept = 0
    with open_video(path) as (container, stream):
        unit = stream.time_base or Fraction(1)
        for number, packet in enumerate(intact_packets(container, stream)):
            if packet.size and packet.pts is not None and packet.pts * unit < finish:
                kept = number + 1
    return kept


def _copy(part: Clip, out: Path, finish: Fraction, kept: int, progress: Progress) -> int:
    """Write the packets that belong to the part; how many pictures."""
    written, begin, sound = 0, part.origin, part.sound
    with open_container(part.path) as file, av.open(f"file:{out}", "w") as output, open_video(part.path) as (_, chosen):
        video = file.streams[chosen.index]
        tracks = [track for n, track in enumerate(file.streams.audio) if sound is None or n == sound]
        outputs: dict[int, Any] = {s.index: output.add_stream_from_template(s, opaque=True) for s in (video, *tracks)}
        if (timecode := start_timecode(file, part)) is not None:
            outputs[video.index].metadata["timecode"] = timecode
        number = 0
        for packet in file.demux([video, *tracks]):
            if packet.stream_index == video.index:
                number += 1
                progress.advance()
            if not packet.size or packet.pts is None or packet.time_base is None:
                continue
            time = packet.pts * packet.time_base
            is_picture = packet.stream_index == video.index
            if time < begin or (number > kept if is_picture else time >= finish):
                continue
            ticks = round(begin / packet.time_base)
            packet.pts -= ticks
            packet.dts = None if packet.dts is None else packet.dts - ticks
            packet.stream = outputs[packet.stream_index]
            output.mux(packet)
            written += is_picture
    return written
