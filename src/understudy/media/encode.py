"""How video is written: what a user may choose, and what follows from it for one output."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
from av.codec.codec import find_best_pix_fmt_of_list
from pydantic import BaseModel, ConfigDict, Field

from understudy.media.info import SourceInfo
from understudy.media.planes import is_writable, plain_name
from understudy.media.rgb import has_alpha
from understudy.project.errors import UnderstudyError

CodecName = Literal["h264", "h265", "prores", "ffv1"]

_ENCODERS: dict[CodecName, str] = {"h264": "libx264", "h265": "libx265", "prores": "prores_ks", "ffv1": "ffv1"}
_QUALITY: dict[CodecName, int] = {"h264": 16, "h265": 18}
_SUFFIXES: dict[CodecName, tuple[str, ...]] = {
    "h264": (".mp4", ".mov", ".mkv", ".avi"),
    "h265": (".mp4", ".mov", ".mkv"),
    "prores": (".mov", ".mkv"),
    "ffv1": (".mkv", ".avi"),
}
_X265_BLOCK = 64  # pixels
VIDEO_SUFFIXES = frozenset(suffix for suffixes in _SUFFIXES.values() for suffix in suffixes)


class EncodeSettings(BaseModel):
    """How results are written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codec: Literal["auto", "h264", "h265", "prores", "ffv1"] = Field(
        default="auto",
        description="Video codec. auto: h264 for 8-bit sources, h265 (in .avi ffv1) for deeper ones. prores goes into "
        ".mov and .mkv; ffv1, which is lossless, into .mkv and .avi.",
    )
    quality: int | None = Field(
        default=None,
        ge=0,
        le=51,
        description="Constant rate factor of h264 and h265: lower is better and larger. Unset: 16 (h264), 18 (h265).",
    )
    speed: Literal["ultrafast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"] = Field(
        default="medium", description="Effort of h264 and h265: slower makes smaller files of the same quality."
    )
    copy_streams: bool = Field(
        default=True, description="Carry over sound, subtitles, chapters and titles from the source clips."
    )
    image_format: Literal["png", "tiff", "jpg", "exr"] = Field(
        default="png", description="Format of pictures where the output is a folder."
    )


@dataclass(frozen=True)
class EncodePlan:
    """What one output is encoded with.

    Attributes:
        codec: the codec, decided.
        encoder: FFmpeg's name of the encoder.
        pixel_format: FFmpeg's name of the format that it is given.
        options: of the encoder.
        notes: one line for each thing in which the output differs from the source.
    """

    codec: CodecName
    encoder: str
    pixel_format: str
    options: dict[str, str]
    notes: tuple[str, ...]


def plan_encoding(path: Path, info: SourceInfo, settings: EncodeSettings) -> EncodePlan:
    """Decide how frames like `info`'s are encoded into the video file `path`.

    Raises:
        UnderstudyError: the container does not hold the codec.
    """
    codec = _codec(path, info, settings)
    encoder = _ENCODERS[codec]
    wanted = _wanted_format(codec, info)
    choices = [pixel_format.name for pixel_format in av.Codec(encoder, "w").video_formats or []]
    choices = [name for name in choices if is_writable(name) and _fits(codec, name, info)]
    best, _ = find_best_pix_fmt_of_list(choices, wanted, info.has_alpha)
    assert best is not None  # noqa: S101  # every codec has a format without subsampled chroma
    options = _options(codec, best.name, path.suffix.lower(), settings)
    return EncodePlan(codec, encoder, best.name, options, _notes(codec, best.name, info))


def _codec(path: Path, info: SourceInfo, settings: EncodeSettings) -> CodecName:
    suffix = path.suffix.lower()
    if settings.codec == "auto":
        if suffix == ".avi":
            return "h264" if info.bit_depth == 8 else "ffv1"
        return "h264" if info.bit_depth == 8 or _is_small(info) else "h265"
    if suffix not in _SUFFIXES[settings.codec]:
        fitting = " or ".join(_SUFFIXES[settings.codec])
        raise UnderstudyError(f"{path}: {settings.codec} does not go into {suffix}: name the file {fitting}")
    if settings.codec == "h265" and _is_small(info):
        size = f"{info.width}x{info.height}"
        raise UnderstudyError(f"{path}: h265 takes no pictures below {_X265_BLOCK} pixels a side, not {size}: use h264")
    return settings.codec


def _is_small(info: SourceInfo) -> bool:
    """Whether a side is shorter than a block of libx265, which then writes beyond its buffers."""
    return min(info.width, info.height) < _X265_BLOCK


def _wanted_format(codec: CodecName, info: SourceInfo) -> str:
    """The source's own format; for RGB what suits the codec."""
    deep = info.bit_depth > 8
    is_rgb = info.pixel_format is None or av.VideoFormat(info.pixel_format).is_rgb
    if is_rgb and codec in ("h264", "h265"):
        return "yuv420p10le" if deep else "yuv420p"  # what players play
    if info.pixel_format is not None and info.bit_depth <= 16:
        return plain_name(info.pixel_format)
    return {(False, False): "rgb24", (False, True): "rgba", (True, False): "rgb48le", (True, True): "rgba64le"}[
        deep, info.has_alpha
    ]


def _fits(codec: CodecName, format_name: str, info: SourceInfo) -> bool:
    """Whether the encoder takes the source's size in this format, and common players what comes out."""
    if plain_name(format_name) != format_name:
        return False  # the colour tags say it
    if codec not in ("h264", "h265"):
        return True
    unit = av.VideoFormat(format_name, 8, 8)
    whole_chroma = info.width * unit.chroma_width() % 8 == 0 and info.height * unit.chroma_height() % 8 == 0
    return whole_chroma and not unit.is_rgb and not has_alpha(format_name)


def _options(codec: CodecName, format_name: str, suffix: str, settings: EncodeSettings) -> dict[str, str]:
    if codec == "ffv1":
        return {"level": "3", "slicecrc": "1", "g": "1"}
    if codec == "prores":
        return {"profile": "4444" if "444" in format_name else "hq", "vendor": "apl0", "alpha_bits": "16"}
    quality = _QUALITY[codec] if settings.quality is None else settings.quality
    options = {"crf": str(quality), "preset": settings.speed}
    if codec == "h265":
        options["x265-params"] = "log-level=error"
    if suffix == ".avi":
        options["bf"] = "0"  # AVI has no presentation times, so pictures must be stored in the order shown
    return options


def _notes(codec: CodecName, format_name: str, info: SourceInfo) -> tuple[str, ...]:
    source = f"{info.bit_depth}-bit pictures" if info.pixel_format is None else plain_name(info.pixel_format)
    notes = [f"{codec}, {format_name}" if source == format_name else f"{codec}, {format_name} (the source is {source})"]
    if info.has_alpha and not has_alpha(format_name):
        notes.append(f"{codec} as {format_name} has no alpha: it is left out; prores and ffv1 keep it")
    if info.bit_depth == 32:
        notes.append("scene-linear light is encoded with the sRGB curve and clipped at white")
    if info.rotation:
        notes.append(f"pictures are written upright: the source is stored turned by {info.rotation} degrees")
    return tuple(notes)
