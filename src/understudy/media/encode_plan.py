"""What one output is encoded with: what follows from its name, the settings and the source."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.codec.codec import find_best_pix_fmt_of_list

from understudy.media.encode import SUFFIXES, CodecName, EncodeSettings
from understudy.media.encoder_options import software_options
from understudy.media.hardware import HARDWARE_FORMATS, find_hardware_encoder, hardware_options
from understudy.media.hdr_track import HDR_SUFFIXES
from understudy.media.info import SourceInfo
from understudy.media.planes import is_writable, plain_name
from understudy.media.rgb import has_alpha
from understudy.project.errors import UnderstudyError

_SOFTWARE: dict[CodecName, str] = {
    "h264": "libx264",
    "h265": "libx265",
    "av1": "libsvtav1",
    "prores": "prores_ks",
    "ffv1": "ffv1",
}
_PLAYED = ("h264", "h265", "av1")  # codecs of which players play some formats alone
_MOST_QUALITY = {"h264": 51, "h265": 51, "av1": 63}
_MOST_AV1_BITRATE = 100  # megabits a second; SVT-AV1's own
_LEAST_SIDE = {"h265": 64, "av1": 32}  # pixels; below, libx265 writes beyond its buffers, and SVT-AV1 may never end
_PRORES_BLOCK = 16
_UNSPECIFIED = 2


@dataclass(frozen=True)
class EncodePlan:
    """What one output is encoded with.

    Attributes:
        codec: the codec, decided.
        encoder: FFmpeg's name of the encoder.
        pixel_format: FFmpeg's name of the format in which pictures are made.
        encoder_format: that in which the encoder takes them, with the same samples in another order.
        options: of the encoder.
        bit_rate: bits a second; None: as the options say.
        is_lossless: pictures come back as they were made.
        notes: one line for each thing in which the output differs from the source.
    """

    codec: CodecName
    encoder: str
    pixel_format: str
    encoder_format: str
    options: dict[str, str]
    bit_rate: int | None
    is_lossless: bool
    notes: tuple[str, ...]


def plan_encoding(path: Path, info: SourceInfo, settings: EncodeSettings, *, alpha: bool = False) -> EncodePlan:
    """Decide how frames like `info`'s are encoded into the video file `path`.

    Args:
        alpha: the file must have alpha, whether or not the source has.

    Raises:
        UnderstudyError: the container does not hold the codec, or the codec not what is asked for; or no hardware
            encoder works.
    """
    codec = _codec(path, info, settings, alpha=alpha)
    _refuse_unfit(path, codec, info, settings)
    pixel_format = _pixel_format(path, codec, info, settings, alpha=alpha)
    hardware = _hardware(path, codec, pixel_format, info, settings)
    is_lossless = codec == "ffv1" or (codec in _PLAYED and settings.quality == 0)
    if hardware is not None:
        encoder, encoder_format = hardware, HARDWARE_FORMATS[pixel_format]
        options = hardware_options(hardware, settings)
    else:
        encoder, encoder_format = _SOFTWARE[codec], pixel_format
        options = software_options(codec, pixel_format, path.suffix.lower(), info.hdr, settings)
    return EncodePlan(
        codec=codec,
        encoder=encoder,
        pixel_format=pixel_format,
        encoder_format=encoder_format,
        options=options,
        bit_rate=None if settings.bitrate is None else round(settings.bitrate * 1_000_000),
        is_lossless=is_lossless,
        notes=_notes(path, codec, pixel_format, info, hardware),
    )


def settled(path: Path, info: SourceInfo, settings: EncodeSettings, *, alpha: bool = False) -> EncodeSettings:
    """The settings with what `auto` for an encoder comes to on this machine: a file of parts is one encoder's.

    Raises:
        UnderstudyError: as `plan_encoding`.
    """
    if settings.encoder != "auto":
        return settings
    is_software = plan_encoding(path, info, settings, alpha=alpha).encoder in _SOFTWARE.values()
    return settings.model_copy(update={"encoder": "software" if is_software else "hardware"})


def _codec(path: Path, info: SourceInfo, settings: EncodeSettings, *, alpha: bool) -> CodecName:
    suffix = path.suffix.lower()
    if settings.codec == "auto":
        return "prores" if settings.profile is not None else _usual_codec(path, info, settings, alpha=alpha)
    if suffix not in SUFFIXES[settings.codec]:
        fitting = " or ".join(SUFFIXES[settings.codec])
        raise UnderstudyError(f"{path}: {settings.codec} does not go into {suffix}: name the file {fitting}")
    return settings.codec


def _usual_codec(path: Path, info: SourceInfo, settings: EncodeSettings, *, alpha: bool) -> CodecName:
    """What suits the container and the depth."""
    suffix = path.suffix.lower()
    if alpha:
        if suffix == ".mp4":
            raise UnderstudyError(f"{path}: .mp4 holds no alpha: name the file .mov (prores) or .mkv (ffv1)")
        return "prores" if suffix == ".mov" else "ffv1"
    if settings.chroma == "rgb" and suffix in SUFFIXES["ffv1"]:
        return "ffv1"
    is_deep = (settings.bits or info.bit_depth) > 8
    if suffix == ".avi":
        return "ffv1" if is_deep else "h264"
    return "h265" if is_deep and not _is_small("h265", info) else "h264"


def _refuse_unfit(path: Path, codec: CodecName, info: SourceInfo, settings: EncodeSettings) -> None:
    """Refuse sizes that the codec does not take, and settings that it cannot follow."""
    if _is_small(codec, info):
        least, size = _LEAST_SIDE[codec], f"{info.width}x{info.height}"
        raise UnderstudyError(f"{path}: {codec} takes no pictures below {least} pixels a side, not {size}: use h264")
    if settings.profile is not None and path.suffix.lower() not in SUFFIXES["prores"]:
        fitting = " or ".join(SUFFIXES["prores"])
        raise UnderstudyError(f"{path}: prores does not go into {path.suffix.lower()}: name the file {fitting}")
    if settings.bitrate is not None and codec not in _PLAYED:
        raise UnderstudyError(f"{path}: {codec} has no bitrate to choose: leave it out, or use h264, h265 or av1")
    if settings.bitrate is not None and codec == "av1" and settings.bitrate > _MOST_AV1_BITRATE:
        raise UnderstudyError(
            f"{path}: av1 is written with at most {_MOST_AV1_BITRATE} megabits a second: ask for less"
        )
    if settings.quality == 0 and codec == "av1":  # of some clips SVT-AV1 loses pictures then
        raise UnderstudyError(f"{path}: av1 is not written without loss: use ffv1, h264 or h265, or quality 1")
    most = _MOST_QUALITY.get(codec)
    if most is not None and settings.quality is not None and settings.quality > most:
        raise UnderstudyError(f"{path}: quality {settings.quality} is above {most}, the worst of {codec}: lower it")


def _is_small(codec: CodecName, info: SourceInfo) -> bool:
    """Whether a side is shorter than the codec's encoder can bear."""
    return min(info.width, info.height) < _LEAST_SIDE.get(codec, 1)


def _pixel_format(path: Path, codec: CodecName, info: SourceInfo, settings: EncodeSettings, *, alpha: bool) -> str:
    """The codec's format that is nearest to the source's, of those that the settings allow."""
    available = [pixel_format.name for pixel_format in av.Codec(_SOFTWARE[codec], "w").video_formats or []]
    fitting = [name for name in available if is_writable(name) and _fits(codec, name, info)]
    if codec == "prores" and settings.profile is not None:
        fitting = [name for name in fitting if ("444" in name) == settings.profile.startswith("4444")]
    chosen = [name for name in fitting if _is_asked_for(name, settings) and (has_alpha(name) or not alpha)]
    best, _ = find_best_pix_fmt_of_list(chosen, _wanted_format(codec, info), info.has_alpha) if chosen else (None, 0)
    if best is not None:
        return best.name
    if not fitting and codec == "prores":
        raise UnderstudyError(f"{path}: prores {settings.profile} takes no width of {info.width}: use 4444")
    if not fitting:
        raise UnderstudyError(f"{path}: {codec} takes no pictures of odd size, {info.width}x{info.height}: use h264")
    kinds = (settings.bits and f"{settings.bits} bits", settings.chroma and f"chroma {settings.chroma}")
    wishes = [kind for kind in kinds if kind] + ["alpha"] * alpha
    raise UnderstudyError(f"{path}: {codec} cannot be written with {' and '.join(wishes)}: ffv1 in .mkv holds the most")


def _is_asked_for(name: str, settings: EncodeSettings) -> bool:
    """Whether a format has the depth and the chroma that are chosen."""
    pixel_format = av.VideoFormat(name, 8, 8)
    if settings.bits is not None and pixel_format.components[0].bits != settings.bits:
        return False
    if settings.chroma is None:
        return True
    if pixel_format.is_rgb or settings.chroma == "rgb":
        return pixel_format.is_rgb and settings.chroma == "rgb"
    if len(pixel_format.components) < 3:
        return False
    sizes = {"420": (4, 4), "422": (4, 8), "444": (8, 8)}
    return (pixel_format.chroma_width(8), pixel_format.chroma_height(8)) == sizes[settings.chroma]


def _wanted_format(codec: CodecName, info: SourceInfo) -> str:
    """The source's own format; for RGB what suits the codec."""
    deep = info.bit_depth > 8
    is_rgb = info.pixel_format is None or av.VideoFormat(info.pixel_format).is_rgb
    if is_rgb and codec in _PLAYED:
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
    if codec == "ffv1":
        return True
    unit = av.VideoFormat(format_name, 8, 8)
    if codec == "prores":  # prores_ks leaves a last column of chroma out that has a block of its own
        return unit.chroma_width() == 8 or info.width % _PRORES_BLOCK != 1
    whole_chroma = info.width * unit.chroma_width() % 8 == 0 and info.height * unit.chroma_height() % 8 == 0
    return whole_chroma and not unit.is_rgb and not has_alpha(format_name)


def _hardware(
    path: Path, codec: CodecName, pixel_format: str, info: SourceInfo, settings: EncodeSettings
) -> str | None:
    """The hardware encoder to use; None: the CPU's.

    Raises:
        UnderstudyError: hardware is asked for, and cannot do it.
    """
    if settings.encoder == "software":
        return None
    reason = f"no GPU of this machine encodes {codec} as {pixel_format} ('understudy doctor' lists what works)"
    if codec not in _PLAYED:
        reason = f"no GPU encodes {codec}"
    elif settings.quality == 0:
        reason = "lossless encoding is the CPU's"
    elif pixel_format not in HARDWARE_FORMATS:
        reason = f"no GPU takes {pixel_format}: choose chroma 420"
    elif (found := find_hardware_encoder(codec, pixel_format, info.width, info.height)) is not None:
        return found
    if settings.encoder == "hardware":
        raise UnderstudyError(f"{path}: {reason}; leave out the hardware encoder")
    return None


def _notes(path: Path, codec: CodecName, format_name: str, info: SourceInfo, hardware: str | None) -> tuple[str, ...]:
    source = f"{info.bit_depth}-bit pictures" if info.pixel_format is None else plain_name(info.pixel_format)
    by = "" if hardware is None else f" by {hardware}"
    like = "" if source == format_name else f" (the source is {source})"
    notes = [f"{codec}{by}, {format_name}{like}"]
    if info.has_alpha and not has_alpha(format_name):
        notes.append(f"{codec} as {format_name} has no alpha: it is left out; prores and ffv1 keep it")
    if info.bit_depth == 32:
        notes.append("scene-linear light is encoded with the sRGB curve and clipped at white")
    if info.rotation:
        notes.append(f"pictures are written upright: the source is stored turned by {info.rotation} degrees")
    suffix = path.suffix.lower()
    if info.sample_aspect_ratio != 1 and suffix in (".mkv", ".avi") and codec not in ("h264", "h265"):
        notes.append(f"{codec} in {suffix} tells no shape of pixels: {info.sample_aspect_ratio} is left out")
    if suffix == ".avi" and codec == "ffv1" and info.color.transfer != _UNSPECIFIED:
        notes.append(".avi has no place for ffv1's colour tags: they are left out; .mkv keeps them")
    if info.hdr is not None:
        if info.hdr.is_static and suffix not in HDR_SUFFIXES:
            notes.append(f"{suffix} has no place for HDR metadata: they are left out; .mkv, .mov and .mp4 keep them")
        notes += [
            f"{name} tells of the pictures before the swap, scene by scene: it is left out" for name in info.hdr.dynamic
        ]
    return tuple(notes)
