"""What goes with the pictures of a file: sound, subtitles, chapters and titles, carried over from the source clips."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from fractions import Fraction
from itertools import zip_longest
from typing import Any, Protocol

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Discard, Stream

from understudy.media.container import open_container
from understudy.media.info import Clip
from understudy.media.start_timecode import start_timecode

# Codecs (FFmpeg's canonical names) that common players expect in a container; Matroska takes them all.
_COPIED: dict[str, frozenset[str]] = {
    ".mp4": frozenset({"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus", "mov_text"}),
    ".mov": frozenset(
        {"aac", "mp3", "ac3", "eac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_s16be", "pcm_s24be", "mov_text"}
    ),
    ".avi": frozenset({"mp3", "mp2", "ac3", "pcm_s16le", "pcm_u8"}),
}
_SOUND = {".avi": "pcm_s16le"}  # what other sound becomes; AAC elsewhere
_TEXT = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "subrip"}  # what other subtitles become
_TEXT_CODECS = frozenset({"subrip", "ass", "ssa", "mov_text", "webvtt", "text"})
_KIND_NAMES = {"audio": "sound", "subtitle": "subtitles"}
_AAC_BIT_RATE = 192_000
# Container tags that tell of the file they stand in, not of what it shows.
_OF_THE_FILE = frozenset({"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "timecode"})


class _Track(Protocol):
    """One output stream, fed with the packets of the input streams that it continues."""

    out: Any

    def carry(self, packet: Any, shift: Fraction) -> list[Any]:
        """Output packets for `packet`, whose times grow by `shift` seconds."""

    def finish(self) -> list[Any]:
        """Output packets held back until now."""


class _Copy:
    """Packets as they are."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self._last: Fraction | None = None

    def carry(self, packet: Any, shift: Fraction) -> list[Any]:
        ticks = round(shift / packet.time_base)
        packet.pts += ticks
        packet.dts = packet.pts if packet.dts is None else packet.dts + ticks
        time = packet.dts * packet.time_base
        if self._last is not None and time <= self._last:
            return []  # at the seam between two clips: a stream cannot go back in time
        self._last = time
        packet.stream = self.out
        return [packet]

    def finish(self) -> list[Any]:
        return []


class _Resound:
    """Sound decoded and encoded anew."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self._resampler: av.AudioResampler | None = None
        self._kind: tuple[Any, ...] = ()  # of sound that the resampler takes
        self._next: int | None = None  # sample at which the encoded sound goes on

    def carry(self, packet: Any, shift: Fraction) -> list[Any]:
        packets: list[Any] = []
        for frame in _decoded(packet):
            kind = (frame.format.name, frame.layout.name, frame.sample_rate, frame.time_base)
            if self._resampler is None or kind != self._kind:
                context = self.out.codec_context
                self._resampler = av.AudioResampler(context.format, context.layout, context.sample_rate)
                self._kind = kind
            if frame.pts is not None:
                frame.pts += round(shift / frame.time_base)
            for sound in self._resampler.resample(frame):
                # At the seam between two clips sound cannot go back in time; what has no time goes on at once.
                sound.pts = max((pts for pts in (sound.pts, self._next) if pts is not None), default=0)
                self._next = sound.pts + sound.samples
                packets += self.out.encode(sound)
        return packets

    def finish(self) -> list[Any]:
        return list(self.out.encode(None))


class _Retext:
    """Text subtitles in another container's form."""

    def __init__(self, out: Any) -> None:
        self.out = out

    def carry(self, packet: Any, shift: Fraction) -> list[Any]:
        try:
            subtitle = packet.stream.decode2(packet)
            if not subtitle:
                return []
            converted = self.out.codec_context.encode_subtitle(subtitle)
        except FFmpegError:
            return []
        converted.time_base = packet.time_base
        converted.pts = converted.dts = packet.pts + round(shift / packet.time_base)
        converted.duration = packet.duration
        converted.stream = self.out
        return [converted]

    def finish(self) -> list[Any]:
        return []


class Companions:
    """The streams beside the pictures, written in step with them.

    Attributes:
        notes: one line for each thing that could not be carried over as it is.
    """

    def __init__(self, output: OutputContainer, suffix: str, clips: Sequence[Clip]) -> None:
        """Add to `output`, whose pictures have a stream already, the streams, chapters and titles of `clips`.

        Raises:
            UnderstudyError: a clip can no longer be read.
        """
        self.notes: list[str] = []
        self._output = output
        self._suffix = suffix
        self._clips = [clip for clip in clips if clip.kind == "video"]
        self._tracks: dict[tuple[str, int], _Track] = {}  # by kind and the number within the kind
        with ExitStack() as stack:
            inputs = [stack.enter_context(open_container(clip.path)) for clip in self._clips]
            for kind in ("audio", "subtitle"):
                chosen = (_streams(file, kind, clip) for clip, file in zip(self._clips, inputs, strict=True))
                for number, streams in enumerate(zip_longest(*chosen)):
                    self._add_track(kind, number, [stream for stream in streams if stream is not None])
            if inputs:
                self._carry_timecode(inputs[0], self._clips[0])
                titles = inputs[0].metadata.items()
                output.metadata.update({k: v for k, v in titles if k.lower() not in _OF_THE_FILE})
            chapters = [chapter for pair in zip(self._clips, inputs, strict=True) for chapter in _chapters(*pair)]
            for number, chapter in enumerate(chapters):
                chapter["id"] = number
            output.set_chapters(chapters)
        self._packets = self._carried()
        self._next = next(self._packets, None)

    def advance(self, until: Fraction | None) -> None:
        """Write everything that belongs before `until` seconds; None: all that is left."""
        while self._next is not None and (until is None or self._next[0] < until):
            self._output.mux(self._next[1])
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Let go of the clips."""
        self._packets.close()

    def _add_track(self, kind: str, number: int, streams: list[Any]) -> None:
        """Add one output stream for `streams`, the clips' `number`-th of `kind`; or a note why there is none."""
        first = streams[0]
        track = self._copy(streams) or (self._resound(first) if kind == "audio" else self._retext(streams))
        name = f"{_KIND_NAMES[kind]} {number + 1} ({_codec_name(first)})"
        if track is None:
            self.notes.append(f"{name} is left out: {self._suffix} cannot hold it")
            return
        track.out.metadata.update({key: first.metadata[key] for key in ("language", "title") if key in first.metadata})
        track.out.disposition = first.disposition
        self._tracks[kind, number] = track
        if not isinstance(track, _Copy):
            why = f"{self._suffix} cannot hold it as it is" if _are_alike(streams) else "it differs from clip to clip"
            self.notes.append(f"{name} is converted to {_codec_name(track.out)}: {why}")

    def _carry_timecode(self, file: InputContainer, clip: Clip) -> None:
        """Give the pictures the timecode of the first clip's."""
        timecode = start_timecode(file, clip)
        if timecode is None:
            return
        if self._suffix == ".avi":
            self.notes.append(f"the timecode {timecode} is left out: .avi has no place for it")
            return
        self._output.streams.video[0].metadata["timecode"] = timecode

    def _copy(self, streams: list[Any]) -> _Track | None:
        codec = _codec_name(streams[0])
        fitting = codec in _COPIED[self._suffix] if self._suffix in _COPIED else codec not in ("mov_text", "unknown")
        if not fitting or not _are_alike(streams):
            return None
        try:
            return _Copy(self._output.add_stream_from_template(streams[0]))
        except ValueError:  # the container has no tag for the codec
            return None

    def _resound(self, stream: Any) -> _Track | None:
        if stream.codec_context is None:
            return None
        codec = _SOUND.get(self._suffix, "aac")
        rates = av.Codec(codec, "w").audio_rates
        rate = stream.codec_context.sample_rate
        rate = rate if rates is None or rate in rates else 48000
        layout = f"{stream.codec_context.layout.nb_channels}c"  # the usual order, which some files leave unsaid
        out: Any = self._output.add_stream(codec, rate=rate, layout=layout)
        if codec == "aac":
            out.bit_rate = _AAC_BIT_RATE
        return _Resound(out)

    def _retext(self, streams: list[Any]) -> _Track | None:
        codec = _TEXT.get(self._suffix)
        if codec is None or any(_codec_name(stream) not in _TEXT_CODECS for stream in streams):
            return None
        source = streams[0].codec_context
        source.open(strict=False)  # makes the header that the encoder takes its styles from
        out: Any = self._output.add_stream(codec)
        out.codec_context.subtitle_header = source.subtitle_header
        return _Retext(out)

    def _carried(self) -> Generator[tuple[Fraction, list[Any]], None, None]:
        """The tracks' output packets with the time at which they belong, clip after clip."""
        if not self._tracks:
            return
        time = Fraction(0)
        for position, clip in enumerate(self._clips):
            begin = clip.start if position or clip.is_part else None
            end = clip.start + clip.duration if position + 1 < len(self._clips) or clip.is_part else None
            shift = clip.start - clip.origin
            with open_container(clip.path) as file:
                fed = {
                    stream.index: (stream, self._tracks[kind, number])
                    for kind in _KIND_NAMES
                    for number, stream in enumerate(_streams(file, kind, clip))
                    if (kind, number) in self._tracks
                }
                for stream in file.streams:
                    stream.discard = Discard.default if stream.index in fed else Discard.all
                for packet in _readable(file, [stream for stream, _ in fed.values()]):
                    time = packet.pts * packet.time_base + shift
                    # What overhangs a clip's pictures would sound over its neighbour's.
                    if (begin is None or time >= begin) and (end is None or time < end):
                        yield time, fed[packet.stream_index][1].carry(packet, shift)
        for track in self._tracks.values():
            yield time, track.finish()


def _streams(file: InputContainer, kind: str, clip: Clip) -> Sequence[Stream]:
    """The streams of a kind that belong to the clip."""
    if kind == "audio":
        tracks = file.streams.audio
        return tracks if clip.sound is None else [track for n, track in enumerate(tracks) if n == clip.sound]
    return file.streams.subtitles


def _readable(file: InputContainer, streams: list[Stream]) -> Iterator[Any]:
    """Packets with a time, up to where the file breaks off."""
    with suppress(FFmpegError):
        for packet in file.demux(streams) if streams else ():
            if packet.pts is not None and packet.size:
                yield packet


def _decoded(packet: Any) -> list[Any]:
    """The packet's frames; a damaged packet is a moment's silence."""
    try:
        return list(packet.decode())
    except FFmpegError:
        return []


def _codec_name(stream: Any) -> str:
    return str(stream.codec_context.codec.canonical_name) if stream.codec_context else "unknown"


def _are_alike(streams: list[Any]) -> bool:
    """Whether the streams can follow each other undecoded."""
    return len({_signature(stream) for stream in streams}) == 1


def _signature(stream: Any) -> tuple[Any, ...]:
    context = stream.codec_context
    if context is None or stream.type != "audio":
        return (_codec_name(stream),)
    return _codec_name(stream), context.sample_rate, context.layout.name, context.format.name, context.extradata


def _chapters(clip: Clip, file: InputContainer) -> list[Any]:
    """The clip's chapters on the source's clock, cut to the clip."""
    chapters = []
    for chapter in file.chapters():
        unit = chapter["time_base"] or Fraction(1)
        start, end = (
            min(max(chapter[side] * unit - clip.origin, Fraction(0)), clip.duration) + clip.start
            for side in ("start", "end")
        )
        if start < end:
            times = {"start": round(start * 1000), "end": round(end * 1000), "time_base": Fraction(1, 1000)}
            chapters.append({**times, "id": 0, "metadata": chapter["metadata"]})
    return chapters
