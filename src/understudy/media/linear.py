"""Scene-linear light and back, by the sRGB curve (IEC 61966-2-1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_linear(encoded: NDArray[Any]) -> NDArray[np.float32]:
    """Linear light of sRGB-encoded values, both with white at 1; any shape."""
    encoded = np.asarray(encoded, np.float32)
    toe = encoded / np.float32(12.92)
    curve = ((np.maximum(encoded, 0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(encoded <= 0.04045, toe, curve)


def from_linear(linear: NDArray[Any]) -> NDArray[np.float32]:
    """sRGB encoding, clipped to 0..1, of linear light with white at 1; any shape."""
    linear = np.clip(np.nan_to_num(np.asarray(linear, np.float32)), 0, 1)
    curve = np.float32(1.055) * linear ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(linear <= 0.0031308, linear * np.float32(12.92), curve)
