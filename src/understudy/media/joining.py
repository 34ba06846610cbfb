"""Parts of a result that were written one by one, made one without decoding them: as they would be, written at once."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.stream import VideoStream

from understudy.media.companions import Companions
from understudy.media.container import open_video
from understudy.media.images import pictures_in
from understudy.media.info import Clip, SourceInfo
from understudy.media.timeline import intact_packets
from understudy.media.video_sink import time_base_of
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError


@dataclass(frozen=True)
class FinishedPart:
    """Frames that follow each other, written into a file or folder of their own by a sink with the result's settings.

    Attributes:
        path: the video file, or the folder of pictures.
        first: index of the first frame in the source.
        times: when each of its pictures is shown, in seconds of the source; rising.
        end: when the last one has been shown.
    """

    path: Path
    first: int
    times: tuple[Fraction, ...]
    end: Fraction


def join_videos(path: Path, parts: Sequence[FinishedPart], *, info: SourceInfo, copy_streams: bool) -> list[str]:
    """Write the compressed pictures of video files one after another into `path`, with the source's other streams.

    Each part begins with a key picture, since an encoder of its own wrote it. The clock begins with the first part.

    Args:
        info: of the source that the parts show, or of the part of it.
        copy_streams: carry over sound, subtitles, chapters and titles.

    Returns:
        One line for each thing that could not be carried over.

    Raises:
        UnderstudyError: a part cannot be read or is not like the others, or `path` cannot be written.
    """
    clock = parts[0].times[0]
    clips = cut_clips(info.clips, clock, parts[-1].end) if copy_streams else ()
    unit = time_base_of(path, info)
    try:
        with ExitStack() as stack:
            temporary = stack.enter_context(atomic_path(path))
            output = stack.enter_context(av.open(f"file:{temporary}", "w"))
            with open_video(parts[0].path) as (_, template):
                # Opaque: no encoder is looked for by the name of the decoder, which is another one for AV1.
                stream = output.add_stream_from_template(template, opaque=True)
                stream.codec_context.codec_tag = template.codec_context.codec_tag
                stream.codec_context.framerate = info.rate
                if info.sample_aspect_ratio != 1:
                    stream.codec_context.sample_aspect_ratio = info.sample_aspect_ratio
                stream.time_base = unit
            companions = stack.enter_context(closing(Companions(output, path.suffix.lower(), clips)))
            output.start_encoding()
            clockwork = _Clock(parts, unit)
            before = 0
            for number, part in enumerate(parts):
                for place, packet in enumerate(clockwork.timed(number, part, before)):
                    companions.advance(part.times[place] - clock)
                    packet.stream = stream
                    output.mux(packet)
                before += len(part.times)
            is_whole = before == info.frame_count
            companions.advance(None if is_whole else parts[-1].end - clock)
    except (FFmpegError, ValueError) as error:
        raise UnderstudyError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    return companions.notes


def join_folders(path: Path, parts: Sequence[FinishedPart]) -> None:
    """Put the pictures of folders together in the new folder `path`; on the same disk they take no more room.

    Raises:
        UnderstudyError: the folder cannot be written to.
    """
    try:
        path.mkdir(parents=True)
        for part in parts:
            for number, picture in enumerate(pictures_in(part.path)):
                target = path / picture.name
                if target.exists():  # two folders of one source with the same numbering
                    target = path / f"{picture.stem}_{part.first + number + 1:05d}{picture.suffix}"
                _link(picture, target)
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise UnderstudyError(f"cannot write {path}: {error.strerror or error}") from error


def cut_clips(clips: Sequence[Clip], start: Fraction, end: Fraction) -> tuple[Clip, ...]:
    """What of a source's clips is shown from `start` to `end`, in seconds of the source; their clock begins there."""
    cut = []
    for clip in clips:
        begin, finish = max(clip.start, start), min(clip.start + clip.duration, end)
        if begin >= finish:
            continue
        is_part = clip.is_part or (begin, finish) != (clip.start, clip.start + clip.duration)
        cut.append(
            Clip(
                path=clip.path,
                frame_count=clip.frame_count,
                start=begin - start,
                duration=finish - begin,
                origin=clip.origin + (begin - clip.start),
                kind=clip.kind,
                is_part=is_part,
                sound=clip.sound,
            )
        )
    return tuple(cut)


def _places(part: FinishedPart) -> list[int]:
    """For each stored picture of a video file, which one of those shown it is.

    Raises:
        UnderstudyError: the file does not hold one packet for each picture.
    """
    with open_video(part.path) as (container, stream):
        pts = [packet.pts for packet in intact_packets(container, stream) if packet.size]
    if len(pts) != len(part.times):
        raise UnderstudyError(f"{part.path} is damaged: delete it, and it is made again")
    times = [time for time in pts if time is not None]
    if len(times) < len(pts):  # AVI has no presentation times, and stores pictures as they are shown
        return list(range(len(pts)))
    order = {time: place for place, time in enumerate(sorted(times))}
    return [order[time] for time in times]


class _Clock:
    """Gives packets their times anew: shown when the source says, decoded in one rising order over all parts."""

    def __init__(self, parts: Sequence[FinishedPart], unit: Fraction) -> None:
        self._places = [_places(part) for part in parts]
        # A picture stored this many places behind those shown after it has to be decoded as much earlier.
        self._delay = max(stored - shown for places in self._places for stored, shown in enumerate(places))
        start = round(parts[0].times[0] / unit)
        self._shown = [round(time / unit) - start for part in parts for time in part.times]
        self._end = round(parts[-1].end / unit) - start
        self._unit = unit

    def timed(self, number: int, part: FinishedPart, before: int) -> Iterator["av.Packet[VideoStream]"]:
        """The packets of one part, in the order stored; `before`: pictures in the parts before it."""
        times = [*self._shown, self._end]
        with open_video(part.path) as (container, stream):
            packets = (packet for packet in intact_packets(container, stream) if packet.size)
            for stored, (packet, shown) in enumerate(zip(packets, self._places[number], strict=True), before):
                packet.time_base = self._unit
                packet.pts = times[before + shown]
                packet.duration = max(1, times[before + shown + 1] - packet.pts)
                early = stored - self._delay
                packet.dts = times[early] if early >= 0 else times[0] + early * max(1, times[1] - times[0])
                yield packet


def _link(picture: Path, target: Path) -> None:
    """One more name for a file, or a copy where the disk has no such thing."""
    try:
        os.link(picture, target)
    except OSError:
        shutil.copyfile(picture, target)
