"""Make the edge of a mask soft, by one width or by another one at every place."""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.masks.edge_move import Amount

Feather = Literal["gaussian", "distance"]
"""gaussian: the mask blurred, which rounds its corners; distance: a ramp by the distance from the edge, of the same
width around corners and in narrow parts."""

_THRESHOLDS = 8  # A soft mask counts as the mean of so many hard ones.
_WHOLE_RAMP = 1.23  # The ramp's whole width in units of that of its inner nineteen twentieths.
_BLURS = 5  # Between the narrowest and the widest.


def feather(mask: NDArray[Any], width: Amount, kind: Feather = "gaussian") -> NDArray[Any]:
    """Turn hard edges into ramps whose inner nineteen twentieths are `width` pixels wide, half on either side."""
    if kind == "distance" and np.max(width) > 0:
        return _by_distance(mask, width)
    if isinstance(width, np.ndarray):
        return _blurred_by_place(mask, width)
    return _blurred(mask, width)


def _blurred(mask: NDArray[Any], width: float) -> NDArray[Any]:
    if width <= 0:
        return mask
    # Nineteen twentieths of a Gaussian step's rise take four sigma.
    return cv2.GaussianBlur(mask, (0, 0), width / 4, borderType=cv2.BORDER_REPLICATE)


def _blurred_by_place(mask: NDArray[Any], width: NDArray[np.float32]) -> NDArray[Any]:
    """Between a few blurs of the whole mask, the mixture of the nearest two."""
    low, high = float(width.min()), float(width.max())
    if high <= low:
        return _blurred(mask, low)
    place = (width - np.float32(low)) * np.float32((_BLURS - 1) / (high - low))
    mixed = np.zeros_like(mask)
    for step, each in enumerate(np.linspace(low, high, _BLURS)):
        mixed += np.maximum(1.0 - np.abs(place - np.float32(step)), 0.0) * _blurred(mask, float(each))
    return mixed


def _by_distance(mask: NDArray[Any], width: Amount) -> NDArray[Any]:
    whole = np.maximum(np.float32(_WHOLE_RAMP) * width, np.float32(1.0))
    softened = np.zeros(mask.shape, np.float32)
    for step in range(_THRESHOLDS):
        inside = (mask > (step + 0.5) / _THRESHOLDS).astype(np.uint8)
        # A pixel next to the edge is half a pixel away from it.
        within: NDArray[Any] = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        without: NDArray[Any] = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        depth = within - without - (inside - np.float32(0.5))
        softened += _smooth(depth / whole + np.float32(0.5))
    return softened / np.float32(_THRESHOLDS)


def border_fade(size: int, width: Amount) -> NDArray[np.float32]:
    """(S, S): 0 on the border pixels, rising smoothly to 1 over `width` pixels."""
    place = np.arange(size, dtype=np.float32)
    distance = np.minimum(place, place[::-1])
    if isinstance(width, np.ndarray):
        across, down = np.broadcast_to(distance, width.shape), distance[:, None]
        faded: NDArray[np.float32] = _smooth(across / width) * _smooth(down / width)
        return faded
    ramp = _smooth(distance / np.float32(width))
    return np.outer(ramp, ramp).astype(np.float32)


def _smooth(ramp: NDArray[Any]) -> NDArray[Any]:
    ramp = np.clip(ramp, np.float32(0.0), np.float32(1.0))
    risen: NDArray[Any] = ramp * ramp * (np.float32(3.0) - np.float32(2.0) * ramp)
    return risen
