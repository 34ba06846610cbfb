"""The edge of a mask as DeepFaceLab 2 makes it, for results that have to match earlier ones."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_FINER = 4  # The old program shapes masks at four times the network's resolution.
_CUT = 1.0 / 255.0


def shape_like_dfl(mask: NDArray[np.float32], *, erode: float, blur: float) -> NDArray[np.float32]:
    """Erode, clip and blur by the old program's modifiers.

    Both count quarters of a pixel of the network; their size in the frame depends on its resolution. A modifier that
    is no whole number, as between two key frames, is rounded.

    Args:
        mask: (R, R), 0..1, at the network's resolution.
        erode: the diameter of the disc; negative dilates.
        blur: side of the Gaussian's kernel; half of it is cut off all around the square.

    Returns:
        (R, R) float32, 0..1, reduced again: the old program warps it at four times this size.
    """
    resolution = mask.shape[0]
    mask = np.where(mask < _CUT, np.float32(0.0), mask)
    fine = cv2.resize(mask, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC)
    fine = np.pad(fine, resolution)
    erode, blur = round(erode), round(blur)
    if erode:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(erode), abs(erode)))
        fine = (cv2.erode if erode > 0 else cv2.dilate)(fine, disc, iterations=1)
    rim = resolution + blur // 2
    inner = np.zeros_like(fine)
    inner[rim:-rim, rim:-rim] = fine[rim:-rim, rim:-rim]
    if blur > 0:
        side = blur | 1
        inner = cv2.GaussianBlur(inner, (side, side), 0)
    square = np.clip(inner[resolution:-resolution, resolution:-resolution], 0.0, 1.0)
    reduced: NDArray[Any] = cv2.resize(square, (resolution, resolution), interpolation=cv2.INTER_CUBIC)
    return np.where(reduced < _CUT, np.float32(0.0), np.minimum(reduced, np.float32(1.0)))
