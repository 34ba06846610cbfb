"""Pixels of any depth to the values that faces are merged in, and back."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def to_display(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Pixels as float32 display-encoded values with white at 1, which is what networks are trained on.

    Integers are scaled. Floats are scene-linear and go through the sRGB curve (IEC 61966-2-1), continued above 1 and
    mirrored below 0, so that `from_display` gives every value back.

    Args:
        pixels: uint8, uint16 or float32, any shape.
    """
    if pixels.dtype.kind == "u":
        scaled: NDArray[np.float32] = pixels.astype(np.float32) * np.float32(1.0 / np.iinfo(pixels.dtype).max)
        return scaled
    size = np.abs(pixels)
    encoded = np.where(size <= 0.0031308, size * 12.92, 1.055 * np.maximum(size, 0.0031308) ** (1 / 2.4) - 0.055)
    signed: NDArray[np.float32] = np.copysign(encoded, pixels).astype(np.float32)
    return signed


def from_display(values: NDArray[np.float32], dtype: DTypeLike) -> NDArray[Any]:
    """Undo `to_display`: rounded and clipped for integers, decoded for floats."""
    target = np.dtype(dtype)
    if target.kind == "u":
        white = np.iinfo(target).max
        levels = values * np.float32(white)
        levels += np.float32(0.5)
        return np.clip(levels, 0, white, out=levels).astype(target)
    size = np.abs(values)
    linear = np.where(size <= 0.04045, size / 12.92, ((np.maximum(size, 0.04045) + 0.055) / 1.055) ** 2.4)
    return np.copysign(linear, values).astype(target)
