"""What is in a media file, for people and machines."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from understudy.media.container import open_container
from understudy.media.source import open_source
from understudy.media.start_timecode import start_timecode


class SoundTrack(BaseModel):
    """A sound track of a file."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(description="From 0, as `--sound` counts them.")
    codec: str
    rate: int = Field(description="Samples per second.")
    channels: int
    language: str | None = None


class Probe(BaseModel):
    """What is in a file or in a folder of pictures."""

    model_config = ConfigDict(frozen=True)

    path: str
    kind: str
    frames: int = Field(description="Exact count of pictures.")
    seconds: float
    rate: float = Field(description="Average pictures per second.")
    variable_rate: bool
    width: int
    height: int
    bit_depth: int
    alpha: bool
    codec: str | None = None
    pixel_format: str | None = None
    rotation: int
    primaries: int = Field(description="As ITU-T H.273 numbers them, like the next two; 2: the file does not say.")
    transfer: int
    matrix: int
    full_range: bool | None
    mastering: str | None = Field(
        default=None,
        description="The screen it was graded on: green, blue, red and white (x, y), brightest and darkest (cd/m2).",
    )
    max_cll: int | None = Field(default=None, description="The brightest pixel, cd/m2.")
    max_fall: int | None = Field(default=None, description="The brightest frame on average, cd/m2.")
    dynamic_hdr: tuple[str, ...] = Field(default=(), description="HDR metadata that change with the scenes.")
    timecode: str | None = Field(default=None, description="That of the first picture.")
    sound: tuple[SoundTrack, ...] = ()
    subtitles: int = 0
    warnings: tuple[str, ...] = ()


def probe(path: Path) -> Probe:
    """Look into a video file, or a folder of pictures.

    Raises:
        UnderstudyError: it cannot be read.
    """
    source = open_source([path])
    info = source.info
    sound: tuple[SoundTrack, ...] = ()
    subtitles, codec = 0, None
    timecode = None
    if info.kind == "video":
        with open_container(path) as file:
            timecode = start_timecode(file, info.clips[0])
            sound = tuple(
                SoundTrack(
                    number=number,
                    codec=track.codec_context.codec.canonical_name if track.codec_context else "unknown",
                    rate=track.codec_context.sample_rate if track.codec_context else 0,
                    channels=track.codec_context.layout.nb_channels if track.codec_context else 0,
                    language=track.metadata.get("language"),
                )
                for number, track in enumerate(file.streams.audio)
            )
            subtitles = len(file.streams.subtitles)
            codec = next((s.codec_context.codec.canonical_name for s in file.streams.video if s.codec_context), None)
    light = (0, 0) if info.hdr is None or info.hdr.light is None else info.hdr.light
    return Probe(
        path=str(path),
        kind=info.kind,
        frames=info.frame_count,
        seconds=float(info.duration),
        rate=float(info.rate),
        variable_rate=info.variable_rate,
        width=info.width,
        height=info.height,
        bit_depth=info.bit_depth,
        alpha=info.has_alpha,
        codec=codec,
        pixel_format=info.pixel_format,
        rotation=info.rotation,
        primaries=info.color.primaries,
        transfer=info.color.transfer,
        matrix=info.color.matrix,
        full_range=info.color.full_range,
        mastering=None if info.hdr is None or info.hdr.display is None else info.hdr.display.in_numbers,
        max_cll=light[0] or None,
        max_fall=light[1] or None,
        dynamic_hdr=() if info.hdr is None else info.hdr.dynamic,
        timecode=timecode,
        sound=sound,
        subtitles=subtitles,
        warnings=tuple(source.warnings),
    )
