"""Hand-drawn polygons to a mask."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.facesets.metadata import Polygon

_SUBPIXEL_BITS = 4


def polygon_mask(polygons: Iterable[Polygon], size: int) -> NDArray[np.float32] | None:
    """Fill the including polygons, then cut the excluding ones out of them, with anti-aliased edges.

    Crossing outlines follow the even-odd rule.

    Args:
        polygons: points in pixels of a square of `size`; they may lie outside of it.
        size: side of the square in pixels.

    Returns:
        (size, size) float32, 0..1; None where no polygon includes anything.
    """
    ordered = sorted((polygon for polygon in polygons if polygon.points), key=lambda polygon: polygon.kind == "exclude")
    if not ordered or ordered[0].kind == "exclude":
        return None
    mask = np.zeros((size, size), np.uint8)
    limit = 2.0 ** (20 - _SUBPIXEL_BITS)  # beyond it OpenCV's filling takes seconds, or wraps around
    for polygon in ordered:
        points = np.clip(np.asarray(polygon.points, np.float64), -limit, limit) * 2**_SUBPIXEL_BITS
        color = 255 if polygon.kind == "include" else 0
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], color, cv2.LINE_AA, _SUBPIXEL_BITS)
    return mask.astype(np.float32) / np.float32(255)
