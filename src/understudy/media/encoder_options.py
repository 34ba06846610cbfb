"""What the encoders that run on the CPU are told."""

import os

import cv2

from understudy.media.encode import CodecName, EncodeSettings
from understudy.media.hdr import HdrMetadata

_QUALITY: dict[CodecName, int] = {"h264": 16, "h265": 18, "av1": 22}
_SVT_PRESETS = {  # from 11 on, the best qualities come out as streams that lose pictures
    "ultrafast": 10,
    "veryfast": 10,
    "faster": 9,
    "fast": 8,
    "medium": 7,
    "slow": 5,
    "slower": 4,
    "veryslow": 2,
}
_AVX_512F = 13  # OpenCV's number of it, for which its Python module has no name
_PARAMETERS: dict[CodecName, str] = {"h264": "x264-params", "h265": "x265-params", "av1": "svtav1-params"}


def software_options(
    codec: CodecName, format_name: str, suffix: str, hdr: HdrMetadata | None, settings: EncodeSettings
) -> dict[str, str]:
    """Options of FFmpeg's encoder of `codec` for a file that ends in `suffix`."""
    if codec == "ffv1":
        return {"level": "3", "slicecrc": "1", "g": "1"}
    if codec == "prores":
        profile = settings.profile or ("4444" if "444" in format_name else "hq")
        names = {"422": "standard"}
        return {"profile": names.get(profile, profile), "vendor": "apl0", "alpha_bits": "16"}
    if codec == "av1":
        os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 writes to standard error past FFmpeg's log: errors alone
    quality = _QUALITY[codec] if settings.quality is None else settings.quality
    options = {"preset": str(_SVT_PRESETS[settings.speed]) if codec == "av1" else settings.speed}
    parameters = _hdr_parameters(codec, hdr)
    if codec == "h265":
        parameters.append("log-level=error")
    if codec == "h264" and cv2.checkHardwareSupport(_AVX_512F):
        # x264's AVX-512 code for its macroblock tree gives now one result, now another while other encoders run.
        parameters.append("asm=AVX2")
    if settings.bitrate is None and quality > 0:
        options["crf"] = str(quality)
    elif settings.bitrate is None:  # a rate factor of 0 loses some of deeper pictures, and x265's of any
        parameters.append("qp=0" if codec == "h264" else "lossless=1")
    if parameters:
        options[_PARAMETERS[codec]] = ":".join(parameters)
    if suffix == ".avi":
        options["bf"] = "0"  # AVI has no presentation times, so pictures must be stored in the order shown
    return options


def _hdr_parameters(codec: CodecName, hdr: HdrMetadata | None) -> list[str]:
    """What the encoder writes into the pictures' own stream, where screens look for it."""
    found: list[str] = []
    if hdr is None:
        return found
    if hdr.display is not None:
        display = {
            "h264": f"mastering-display={hdr.display.in_units}",
            "h265": f"master-display={hdr.display.in_units}",
            "av1": f"mastering-display={hdr.display.in_numbers}",
        }
        found.append(display[codec])
    if hdr.light is not None:
        name = {"h264": "cll", "h265": "max-cll", "av1": "content-light"}[codec]
        found.append(f"{name}={hdr.light[0]},{hdr.light[1]}")
    return found
