"""How like two pictures are under a mask: PSNR and SSIM."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

PSNR_OF_EQUALS = 100.0
"""What equal pictures score, in dB: the ratio itself has no end."""

_SIGMA = 1.5  # of the window, as in the paper
_RADIUS = 5
_C1, _C2 = 0.01**2, 0.03**2  # for values in 0..1


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.floating[Any]]) -> float:
    """Peak signal-to-noise ratio in dB, at most `PSNR_OF_EQUALS`.

    Args:
        a, b: (H, W, 3).
        mask: (H, W), the weight of each pixel.

    Returns:
        NaN where the mask is empty.
    """
    error = ((a.astype(np.float32) - b.astype(np.float32)) / 255).__pow__(2).mean(axis=2)
    mean = _mean_under(error, mask)
    return float(-10 * np.log10(max(mean, 10 ** (-PSNR_OF_EQUALS / 10)))) if np.isfinite(mean) else float("nan")


def ssim(a: NDArray[np.uint8], b: NDArray[np.uint8], mask: NDArray[np.floating[Any]]) -> float:
    """Structural similarity, -1 to 1, the mean of the three channels' maps under a mask.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity",
    2004, with its Gaussian window of 11 pixels. Windows at the mask's edge look over it.

    Args:
        a, b: (H, W, 3).
        mask: (H, W), the weight of each pixel.

    Returns:
        NaN where the mask is empty.
    """
    x, y = a.astype(np.float32) / 255, b.astype(np.float32) / 255
    mean_x, mean_y = _window(x), _window(y)
    var_x, var_y = _window(x * x) - mean_x**2, _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x**2 + mean_y**2 + _C1)
    structure = (2 * covariance + _C2) / (var_x + var_y + _C2)
    return _mean_under((luminance * structure).mean(axis=2), mask)


def _window(image: NDArray[Any]) -> NDArray[Any]:
    side = 2 * _RADIUS + 1
    return cv2.GaussianBlur(image, (side, side), _SIGMA)


def _mean_under(values: NDArray[Any], mask: NDArray[np.floating[Any]]) -> float:
    weight = float(mask.sum(dtype=np.float64))
    return float((values * mask).sum(dtype=np.float64) / weight) if weight > 0 else float("nan")
