"""Where a crop goes: matrices from frame pixels to the crop whose inverse pastes it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fitted(pixels: NDArray[Any], size: int) -> NDArray[np.float64]:
    """The frame-to-crop matrix whose inverse puts the crop in the middle of the frame, as large as fits."""
    height, width = pixels.shape[:2]
    scale = size / min(height, width)
    return np.array([[scale, 0.0, (size - scale * width) / 2], [0.0, scale, (size - scale * height) / 2]])


def enlarged(matrix: NDArray[np.float64], percent: float, size: int) -> NDArray[np.float64]:
    """The frame-to-crop matrix whose inverse pastes the crop `percent` larger about its centre."""
    scale = 1.0 / (1.0 + percent / 100.0)
    larger = matrix * scale
    larger[:, 2] += size / 2 * (1.0 - scale)
    return larger
