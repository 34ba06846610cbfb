"""How strong the watermark may be at each place of a picture: more in texture, nothing at black and white.

Texture hides a pattern and flat areas do not: Podilchuk and Zeng, "Image-adaptive watermarking using visual models",
IEEE J. Selected Areas in Communications 16(4), 1998.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

STRONGEST = 2.0  # levels of 255, standard deviation; bounds the loss at 42 dB PSNR whatever the picture
_ON_FLAT = 0.7
_CALM = 0.1  # activity of footage where it is calmest; what is calmer was drawn, and shows every level
_ON_DRAWN = 0.6  # of the strength elsewhere
_PER_ACTIVITY = 0.9  # for every level of mean deviation from the neighbourhood
_RAMP = 16.0  # levels from black, and to white, over which it grows from nothing
_STRIDE = 4  # every fourth pixel tells enough
_AROUND = np.ones((5, 5), np.uint8)


def sampled(plane: NDArray[Any], side: float, *, black: float = 0, white: float) -> NDArray[np.float32]:
    """Every few pixels of one plane (H, W), in levels of 255; `side` is that of the tile in pixels."""
    stride = max(1, round(_STRIDE * side / 128))
    return (plane[::stride, ::stride].astype(np.float32) - np.float32(black)) * np.float32(255 / (white - black))


def strength(level: NDArray[np.float32], height: int, width: int) -> NDArray[np.uint8]:
    """The watermark's standard deviation over a picture of which `level` (h, w) was sampled.

    Returns:
        (height, width) in units of `STRONGEST` / 255 levels of 255.
    """
    # A texture is busy all around; beside a lone edge something is calm, and what is calm decides.
    activity = cv2.blur(cv2.absdiff(level, cv2.blur(level, (5, 5))), (3, 3))
    activity = cv2.blur(cv2.erode(activity, _AROUND), (7, 7))
    allowed = np.clip(_ON_FLAT + _PER_ACTIVITY * activity, 0, STRONGEST)
    allowed *= np.clip(_ON_DRAWN + (1 - _ON_DRAWN) / _CALM * activity, 0, 1)
    around: NDArray[Any] = cv2.blur(level, (3, 3))
    allowed *= np.clip(np.minimum(around, 255 - around) / _RAMP, 0, 1)
    coarse = np.rint(allowed * (255 / STRONGEST)).astype(np.uint8)
    full: NDArray[Any] = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return full
