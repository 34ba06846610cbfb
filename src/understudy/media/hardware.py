"""Encoders on the GPU: which of them work here, and how they are told the quality.

That FFmpeg knows an encoder says nothing: the wheel names those of every maker. One works if it encodes a picture.
"""

from fractions import Fraction
from functools import cache
from typing import Literal

import av
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext

from understudy.media.encode import EncodeSettings

HARDWARE_FORMATS = {"yuv420p": "nv12", "yuv420p10le": "p010le"}
"""Formats of pictures, and that with the same samples in which a GPU takes them."""

HardwareCodec = Literal["h264", "h265", "av1"]
HARDWARE_CODECS: tuple[HardwareCodec, ...] = ("h264", "h265", "av1")
_MAKERS = ("nvenc", "qsv", "videotoolbox", "amf")
_NAMES: dict[str, str] = {"h264": "h264", "h265": "hevc", "av1": "av1"}
_QUALITY = 20  # a little better than the encoders' own
_LAMBDA = 118  # FFmpeg's unit of quality
_TRIAL = (320, 240)  # pixels: AV1 encoders take no smaller ones


def hardware_encoders() -> dict[str, tuple[str, ...]]:
    """FFmpeg's names of the encoders that work on this machine, with the picture formats of each."""
    found = {}
    for codec in HARDWARE_CODECS:
        for maker in _MAKERS:
            name = f"{_NAMES[codec]}_{maker}"
            if formats := tuple(wanted for wanted in HARDWARE_FORMATS if _works(name, HARDWARE_FORMATS[wanted])):
                found[name] = formats
    return found


def find_hardware_encoder(codec: str, pixel_format: str, width: int, height: int) -> str | None:
    """The first encoder that encodes pictures of this size here, and of this format of `HARDWARE_FORMATS`."""
    names = (f"{_NAMES[codec]}_{maker}" for maker in _MAKERS)
    return next((name for name in names if _works(name, HARDWARE_FORMATS[pixel_format], width, height)), None)


def hardware_options(encoder: str, settings: EncodeSettings) -> dict[str, str]:
    """Options of a hardware encoder, for `settings`' quality as near as its maker's scale comes to it."""
    maker = encoder.rpartition("_")[2]
    quality = _QUALITY if settings.quality is None else settings.quality
    if settings.bitrate is not None:
        return {}
    amf_quality = str(4 * quality if encoder.startswith("av1") else quality)  # of 255, else of 51
    return {
        "nvenc": {"rc": "vbr", "cq": str(quality), "b": "0"},
        "qsv": {"global_quality": str(max(1, min(quality, 51)))},
        "videotoolbox": {"flags": "+qscale", "global_quality": str(_LAMBDA * max(1, 100 - 2 * quality))},
        "amf": {"rc": "cqp", "qp_i": amf_quality, "qp_p": amf_quality},
    }[maker]


@cache
def _works(encoder: str, pixel_format: str, width: int = _TRIAL[0], height: int = _TRIAL[1]) -> bool:
    """Whether an encoder, by FFmpeg's name, encodes a grey picture here."""
    try:
        context: VideoCodecContext = av.CodecContext.create(encoder, "w")  # type: ignore[assignment]
        context.width, context.height, context.pix_fmt = width, height, pixel_format
        context.time_base, context.framerate = Fraction(1, 25), Fraction(25)
        picture = av.VideoFrame(width, height, pixel_format)
        for plane in picture.planes:
            plane.update(b"\x80" * plane.buffer_size)
        picture.pts, picture.time_base = 0, context.time_base
        return bool([*context.encode(picture), *context.encode(None)])
    except (FFmpegError, ValueError):  # this FFmpeg does not know it, there is no such device, or its driver is not
        return False
