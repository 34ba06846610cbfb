"""Move the edge of a mask in or out, by one amount or by another one at every place."""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Amount = float | NDArray[np.float32]
"""Pixels, the same everywhere or (S, S)."""

_LARGEST_DISC = 6  # Radius. Large discs are built from small ones: the cost grows with the radius, not with its square.
_FINE_STEP = 2  # Radius of a step where the amount changes from place to place.
_MOST_STEPS = 24


def move_edge(mask: NDArray[Any], amount: Amount) -> NDArray[Any]:
    """Grey-scale erosion (or, with a negative amount, dilation) by a disc.

    Between two whole radii, the mixture of their results. An amount of the same value everywhere gives what that value
    gives, and the result changes smoothly from there.
    """
    if isinstance(amount, np.ndarray):
        low, high = float(amount.min()), float(amount.max())
        shared = max(low, 0.0) + min(high, 0.0)
        moved = _move_evenly(mask, shared)
        rest = amount - np.float32(shared)
        for part, inwards in ((rest, True), (-rest, False)):
            if (most := float(part.max())) > 0:
                moved = _move_by_place(moved, part, most, inwards=inwards)
        return moved
    return _move_evenly(mask, amount)


def _move_evenly(mask: NDArray[Any], amount: float) -> NDArray[Any]:
    near = int(abs(amount))
    part = abs(amount) - near
    moved = _move_by(mask, near, inwards=amount > 0)
    if part == 0:
        return moved
    moved_further = _move_by(mask, near + 1, inwards=amount > 0)
    return cv2.addWeighted(moved, 1.0 - part, moved_further, part, 0.0)


def _move_by_place(mask: NDArray[Any], amount: NDArray[np.float32], most: float, *, inwards: bool) -> NDArray[Any]:
    """Small steps, each taken where, and as far as, the amount still asks for it; negative amounts ask for none."""
    count = min(math.ceil(most / _FINE_STEP), _MOST_STEPS)
    radius = math.ceil(most / count)
    for step in range(count):
        share = np.clip(amount / np.float32(radius) - np.float32(step), 0.0, 1.0)
        mask = mask + share * (_move_by(mask, radius, inwards=inwards) - mask)
    return mask


def _move_by(mask: NDArray[Any], radius: int, *, inwards: bool) -> NDArray[Any]:
    morph = cv2.erode if inwards else cv2.dilate
    for small in _disc_radii(radius):
        mask = morph(mask, _disc(small), borderType=cv2.BORDER_REPLICATE)
    return mask


def _disc_radii(radius: int) -> list[int]:
    """Small radii that add up to `radius`."""
    steps = math.ceil(radius / _LARGEST_DISC)
    return [radius * (step + 1) // steps - radius * step // steps for step in range(steps)]


def _disc(radius: int) -> NDArray[Any]:
    side = 2 * radius + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
