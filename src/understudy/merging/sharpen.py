"""Sharpen or soften the swapped face."""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

SharpenMode = Literal["none", "box", "gaussian"]

_RADIUS = 1.0  # sigma of the detail that is sharpened, in percent of the face's width
_STRONGEST = 2.0  # how much detail an amount of 100 adds, in times of what is there
_SOFTEST = 2.0  # sigma of the blur at -100, in percent of the face's width
_MEDIAN = 5  # pixels


def sharpen(face: NDArray[np.float32], mode: SharpenMode, amount: float, *, percent: float) -> NDArray[np.float32]:
    """Add detail by an unsharp mask, or take it away.

    Args:
        face: (S, S, 3) RGB.
        mode: by which mean of its surroundings a pixel's detail is told; none: not at all.
        amount: 100 trebles the finest detail; -100 blurs with a sigma of two percent of the face's width.
        percent: pixels in a percent of the face's width.

    Returns:
        (S, S, 3) float32, not clipped.
    """
    if mode == "none" or amount == 0:
        return face
    mean = _gaussian if mode == "gaussian" else _box
    if amount < 0:
        return mean(face, -amount / 100.0 * _SOFTEST * percent)
    gain = np.float32(amount / 100.0 * _STRONGEST)
    sharp: NDArray[np.float32] = face + gain * (face - mean(face, _RADIUS * percent))
    return sharp


def sharpen_as_dfl(face: NDArray[np.float32], mode: SharpenMode, amount: float) -> NDArray[np.float32]:
    """The same with DeepFaceLab's numbers: the amount itself is the gain, of 3x3 pixels; below 0, medians of 5x5."""
    if amount < 0:
        return median_passes(face, -amount, full=10.0)
    if mode == "none":
        return face
    mean = cv2.blur(face, (3, 3)) if mode == "box" else cv2.GaussianBlur(face, (3, 3), 0.8)
    gain = np.float32(amount if mode == "box" else 0.5 * amount)
    sharp: NDArray[np.float32] = face + gain * (face - mean)
    return sharp


def median_passes(image: NDArray[Any], power: float, *, full: float) -> NDArray[Any]:
    """5x5 medians again and again, each weighed by what is left of `power` in parts of `full`; 10 of it for each."""
    while power > 0:
        weight = np.float32(min(power / full, 1.0))
        image = image + weight * (cv2.medianBlur(image, _MEDIAN) - image)
        power -= 10.0
    return image


def _gaussian(image: NDArray[np.float32], sigma: float) -> NDArray[Any]:
    return cv2.GaussianBlur(image, (0, 0), sigma)


def _box(image: NDArray[np.float32], sigma: float) -> NDArray[Any]:
    """A box as wide as sigma says: between two odd widths, the mixture of both."""
    variance = sigma * sigma
    side = int(np.sqrt(12.0 * variance + 1.0))
    side -= 1 - side % 2
    low, high = (side * side - 1) / 12.0, ((side + 2) ** 2 - 1) / 12.0
    share = (variance - low) / (high - low)
    mean: NDArray[Any] = cv2.addWeighted(
        cv2.blur(image, (side, side)), 1.0 - share, cv2.blur(image, (side + 2, side + 2)), share, 0.0
    )
    return mean
