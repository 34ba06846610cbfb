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
_PER_ACTIVITY = 0.9  # for every level of mean deviation from the neighbourhood
_RAMP = 16.0  # levels from black, and to white, over which it grows from nothing
_STRIDE = 4  # every fourth pixel tells enough
_AROUND = np.ones((5, 5), np.uint8)


def strength(pixels: NDArray[Any], side: float) -> NDArray[np.uint8]:
    """The watermark's standard deviation over a picture.

    Args:
        pixels: (H, W, 3) uint8, or uint16 over its whole scale, or float32 encoded for display, 0..1.
        side: of the tile, in pixels.

    Returns:
        (H, W) uint8 in units of `STRONGEST` / 255 levels of 255.
    """
    stride = max(1, round(_STRIDE * side / 128))
    sampled = np.ascontiguousarray(pixels[::stride, ::stride, 1])  # green is most of luma
    scale = 255.0 if sampled.dtype == np.float32 else 255.0 / np.iinfo(sampled.dtype).max
    level = sampled.astype(np.float32) * np.float32(scale)
    # A texture is busy all around; beside a lone edge something is calm, and what is calm decides.
    activity = cv2.blur(cv2.absdiff(level, cv2.blur(level, (5, 5))), (3, 3))
    activity = cv2.blur(cv2.erode(activity, _AROUND), (7, 7))
    allowed = np.clip(_ON_FLAT + _PER_ACTIVITY * activity, 0, STRONGEST)
    around: NDArray[Any] = cv2.blur(level, (3, 3))
    allowed *= np.clip(np.minimum(around, 255 - around) / _RAMP, 0, 1)
    coarse = np.rint(allowed * (255 / STRONGEST)).astype(np.uint8)
    full: NDArray[Any] = cv2.resize(coarse, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_LINEAR)
    return full
