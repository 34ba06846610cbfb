"""Masks drawn from the 68 landmarks: the face hull, and the eyes and mouth inside it.

The geometry (raised brows, the eight hulls, kernel sizes) is the field's, so that masks agree with those that
networks were trained on elsewhere; see "Masks derived from landmarks" of the faceset format's description.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_HULLS: tuple[tuple[int, ...], ...] = (
    (*range(9), 17),
    (*range(8, 17), 26),
    (17, 18, 19, 8),
    (24, 25, 26, 8),
    (*range(19, 25), 8),
    (*range(17, 22), 27, *range(31, 36), 8),
    (*range(22, 27), 27, *range(31, 36), 8),
    tuple(range(27, 36)),
)
_EYES = (tuple(range(36, 42)), tuple(range(42, 48)))
_INNER_LIPS = (tuple(range(60, 68)),)
_SUBPIXEL_BITS = 4


def raise_brows(landmarks: NDArray[np.float32], expansion: float = 1.0) -> NDArray[np.float64]:
    """Move the brow points away from the eyes by `expansion` / 2 of their distance to the eye line.

    Args:
        landmarks: (68, 2).
        expansion: 1 is the field's usual amount, 0 leaves the brows where they are.

    Returns:
        (68, 2), all points kept in float precision.
    """
    points = np.asarray(landmarks, np.float64).copy()
    left_outer = (points[36] + (points[36] + points[0]) / 2) / 2
    right_outer = (points[45] + (points[16] + points[45]) / 2) / 2
    below_right_brow = np.stack([left_outer, *points[36:40]])
    below_left_brow = np.stack([*points[42:46], right_outer])
    points[17:22] += 0.5 * expansion * (points[17:22] - below_right_brow)
    points[22:27] += 0.5 * expansion * (points[22:27] - below_left_brow)
    return points


def hull_mask(
    landmarks: NDArray[np.float32], height: int, width: int, *, brow_expansion: float = 1.0
) -> NDArray[np.float32]:
    """Fill the face hull: chin to slightly above the brows.

    The outline is drawn at a sixteenth of a pixel with an anti-aliased edge, so that a mask that follows moving
    landmarks does not shimmer.

    Args:
        landmarks: (68, 2) in pixels of the mask.

    Returns:
        (height, width) float32, 0..1.
    """
    return _fill(raise_brows(landmarks, brow_expansion), _HULLS, height, width)


def eyes_mouth_mask(landmarks: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Fill the eyes and the inner lips, grown and blurred by the field's share of the image height.

    Returns:
        (height, width) float32, 0..1, zero outside the face hull, its maximum 1 unless it is empty.
    """
    points = np.asarray(landmarks, np.float64)
    soft = np.zeros((height, width), np.float32)
    grow = max(1, height // 32)
    side = max(1, height // 16) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grow, grow))
    for polygons in (_EYES, _INNER_LIPS):
        soft += cv2.GaussianBlur(cv2.dilate(_fill(points, polygons, height, width), kernel), (side, side), 0)
    soft = np.clip(soft, 0.0, 1.0) * (hull_mask(landmarks, height, width) > 0)
    peak = float(soft.max(initial=0.0))
    return soft / np.float32(peak) if peak > 0 else soft


def _fill(
    points: NDArray[np.float64], polygons: tuple[tuple[int, ...], ...], height: int, width: int
) -> NDArray[np.float32]:
    mask = np.zeros((height, width), np.uint8)
    # OpenCV counts sub-pixel coordinates in 16-bit-safe integers; a hostile landmark must not wrap around.
    limit = 2.0 ** (30 - _SUBPIXEL_BITS)
    fixed = np.rint(np.clip(np.nan_to_num(points), -limit, limit) * 2**_SUBPIXEL_BITS).astype(np.int32)
    for polygon in polygons:
        cv2.fillConvexPoly(mask, cv2.convexHull(fixed[list(polygon)]), 255, cv2.LINE_AA, _SUBPIXEL_BITS)
    return mask.astype(np.float32) / np.float32(255.0)
