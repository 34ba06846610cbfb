"""Where a crop goes: matrices from frame pixels to the crop whose inverse pastes it."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.merging.settings.placement import PlacementSettings


def fitted(pixels: NDArray[Any], size: int) -> NDArray[np.float64]:
    """The frame-to-crop matrix whose inverse puts the crop in the middle of the frame, as large as fits."""
    height, width = pixels.shape[:2]
    scale = size / min(height, width)
    return np.array([[scale, 0.0, (size - scale * width) / 2], [0.0, scale, (size - scale * height) / 2]])


def after(second: NDArray[np.float64], first: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (2, 3) matrix that does `first`, then `second`."""
    linear = second[:, :2] @ first[:, :2]
    return np.column_stack([linear, second[:, :2] @ first[:, 2] + second[:, 2]])


def placed(matrix: NDArray[np.float64], settings: PlacementSettings, size: int, percent: float) -> NDArray[np.float64]:
    """The frame-to-crop matrix whose inverse pastes the crop as the settings have it.

    It is enlarged and turned about its centre, then moved along the axes of the aligned face.

    Args:
        matrix: (2, 3) from frame pixels to pixels of the crop, as the crop was cut out.
        size: side of the crop in pixels.
        percent: crop pixels in a percent of face width.
    """
    enlarged = 1.0 + settings.face_scale / 100.0
    angle = math.radians(settings.rotation)
    cosine, sine = math.cos(angle) / enlarged, math.sin(angle) / enlarged
    back = np.array([[cosine, sine], [-sine, cosine]])  # from where the face lies to where it was cut out
    centre = np.full(2, size / 2)
    moved = np.array([settings.offset_x, settings.offset_y]) * percent
    laid = back @ matrix
    laid[:, 2] += centre - back @ (centre + moved)
    return laid
