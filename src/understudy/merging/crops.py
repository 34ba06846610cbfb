"""From a frame to the picture that the network sees."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import warp
from understudy.merging.levels import to_display


def face_crop(pixels: NDArray[Any], matrix: NDArray[np.float64], size: int) -> NDArray[np.float32]:
    """Cut out a face exactly as aligned faces are cut out, so that the network sees what it was trained on.

    Args:
        pixels: (H, W, 3) RGB uint8, uint16, or float32 scene-linear.
        matrix: (2, 3) from frame pixels to pixels of the crop.
        size: side of the crop in pixels.

    Returns:
        (size, size, 3) float32 display-encoded RGB, 0..1; black outside of the frame.
    """
    crop: NDArray[np.float32] = np.clip(np.nan_to_num(to_display(warp(pixels, matrix, size))), 0.0, 1.0)
    return crop
