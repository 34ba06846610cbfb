"""The seam: edges along the border of the face that are neither in the footage nor in the truth."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SMOOTHING = 1.0  # pixels; single grains are no seam


def border_band(mask: NDArray[np.floating[Any]], reach: float) -> NDArray[np.bool_]:
    """(H, W) where the border of a mask (H, W), 0..1, is nearer than `reach` pixels."""
    inside = (mask >= 0.5).astype(np.uint8)
    # Two distances: one to the nearest pixel outside, one to the nearest inside.
    within = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    without = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.maximum(within, without) <= reach)


def edge_strength(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) steepness of each pixel of an (H, W, 3) picture: 8-bit steps to the next pixel, the steepest channel's."""
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), _SMOOTHING)
    across = cv2.Scharr(smooth, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(smooth, cv2.CV_32F, 0, 1, scale=1 / 32)
    return np.asarray(np.hypot(across, down).max(axis=2), np.float32)


def seam_error(view: NDArray[np.uint8], expected: NDArray[np.float32], band: NDArray[np.bool_]) -> float:
    """Root mean square of the steepness in the band beyond what may be there.

    Squared, since a step is as high however soft it is, and is seen the more the less room it takes.

    Args:
        view: (H, W, 3) aligned face.
        expected: (H, W) edge strength of the footage or the truth, whichever is greater: a face that is laid over
            the footage may show the edges of either.
        band: (H, W).

    Returns:
        8-bit steps per pixel; 0 where the band is empty.
    """
    excess = np.maximum(edge_strength(view) - expected, 0)[band]
    return float(np.sqrt(np.square(excess).mean(dtype=np.float64))) if excess.size else 0.0
