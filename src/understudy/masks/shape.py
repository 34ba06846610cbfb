"""The edge of a mask: moved in or out, made soft, and faded out before the border of its square."""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_LARGEST_DISC = 6  # Radius. Large discs are built from small ones: the cost grows with the radius, not with its square.


def shape_mask(mask: NDArray[np.float32], *, erode: float, blur: float) -> NDArray[np.float32]:
    """Erode or dilate a mask, feather it and fade it to zero at the border of the square.

    Amounts are fractions of a pixel as much as whole ones, and the result changes smoothly with them. Soft values stay
    soft: nothing is thresholded, so that a mask that hesitates in one frame does not flicker.

    Args:
        mask: (S, S), 0..1.
        erode: pixels by which the edge moves inwards; negative outwards.
        blur: width in pixels of the ramp into which a hard edge turns; it lies half inside and half outside of it.

    Returns:
        (S, S) float32, 0..1; exactly 0 on the outermost pixels.
    """
    moved = _move_edge(mask, erode)
    if blur > 0:
        # Nineteen twentieths of a Gaussian step's rise take four sigma.
        moved = cv2.GaussianBlur(moved, (0, 0), blur / 4, borderType=cv2.BORDER_REPLICATE)
    shaped: NDArray[np.float32] = np.clip(moved * _border_fade(mask.shape[0], max(blur, 2.0)), 0.0, 1.0)
    return shaped


def _move_edge(mask: NDArray[Any], erode: float) -> NDArray[Any]:
    """Grey-scale erosion (or dilation) by a disc; between two whole radii, the mixture of their results."""
    near = int(abs(erode))
    part = abs(erode) - near
    moved = _move_edge_by(mask, near, inwards=erode > 0)
    if part == 0:
        return moved
    moved_further = _move_edge_by(mask, near + 1, inwards=erode > 0)
    return cv2.addWeighted(moved, 1.0 - part, moved_further, part, 0.0)


def _move_edge_by(mask: NDArray[Any], radius: int, *, inwards: bool) -> NDArray[Any]:
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


def _border_fade(size: int, width: float) -> NDArray[np.float32]:
    """(S, S): 0 on the border pixels, rising smoothly to 1 over `width` pixels."""
    place = np.arange(size, dtype=np.float32)
    ramp = np.clip(np.minimum(place, place[::-1]) / np.float32(width), 0.0, 1.0)
    ramp = ramp * ramp * (3.0 - 2.0 * ramp)
    return np.outer(ramp, ramp).astype(np.float32)
