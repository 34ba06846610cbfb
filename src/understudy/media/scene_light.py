"""Pixels as EXR has them: scene-linear, with white at 1, and what the file says of them."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.media.frame import ColorTags
from understudy.media.hdr_curves import REFERENCE_WHITE, hlg_light, pq_light
from understudy.media.linear import to_linear

PQ, HLG = 16, 18  # transfers, as ITU-T H.273 numbers them
_PRIMARIES = {  # CIE 1931 x and y of red, green, blue and white, by the code points of H.273; not said: BT.709
    5: (0.640, 0.330, 0.290, 0.600, 0.150, 0.060, 0.3127, 0.3290),  # BT.601, 625 lines
    6: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),  # BT.601, 525 lines
    7: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),  # SMPTE 240M
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),  # BT.2020
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),  # DCI-P3
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),  # P3 with the white of D65
}
_SDR = ColorTags()


def scene_linear(pixels: NDArray[Any], color: ColorTags = _SDR) -> NDArray[np.float32]:
    """Linear light of pixels; any shape.

    Integers of HDR have 1 for reference white: PQ for 203 cd/m2 of the display, HLG for the light of the scene that
    makes 75% of the signal. Other integers are sRGB-decoded, with 1 for their largest. Floats are linear already.
    """
    return pixels if pixels.dtype == np.float32 else _light(pixels.dtype.name, color.transfer)[pixels]


def exr_attributes(color: ColorTags) -> dict[str, Any]:
    """What an EXR header says of pixels with such tags once they are scene-linear.

    `whiteLuminance` is cd/m2 of the display; HLG's light is that of a scene, and has none.
    """
    said: dict[str, Any] = {"chromaticities": _PRIMARIES[color.primaries]} if color.primaries in _PRIMARIES else {}
    return said | ({"whiteLuminance": REFERENCE_WHITE} if color.transfer == PQ else {})


@lru_cache(maxsize=4)
def _light(dtype: str, transfer: int) -> NDArray[np.float32]:
    """The light of every integer of a type."""
    most = np.iinfo(dtype).max
    codes = np.arange(most + 1, dtype=np.float32) / np.float32(most)
    if transfer == PQ:
        return (pq_light(codes) / REFERENCE_WHITE).astype(np.float32)
    if transfer == HLG:
        return (hlg_light(codes) / hlg_light(np.array(0.75))).astype(np.float32)
    return to_linear(codes)
