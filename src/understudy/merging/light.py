"""Light the swapped face as the face that was there: what is bright or tinted on one side, and not on the other."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.levels import from_display, to_display

_REACH = 0.12  # sigma, in widths of the face: wide enough that eyes and lips tell little of themselves
_DARK = 0.01  # linear light, added on both sides: near black there is no ratio to trust
_LARGEST = 1.4  # natural logarithm of the strongest change, some two stops


def light_gain(
    face: NDArray[np.float32],
    reference: NDArray[np.float32],
    mask: NDArray[np.float32],
    *,
    width: float,
    strength: float,
) -> NDArray[np.float32]:
    """By how much each place of `face` must be brighter to have the distribution of light that lies over `reference`.

    In linear light, the ratio of the two pictures' wide Gaussian means, taken within the mask, without its own mean:
    the colour as a whole stays.

    Args:
        face: (S, S, 3) RGB 0..1.
        reference: (S, S, 3), the face that was there.
        mask: (S, S), 0..1; both pictures must show a face there.
        width: of the face in pixels.
        strength: 0..1.

    Returns:
        (S, S, 3) float32 factors on linear light; all 1 where the mask is empty.
    """
    return gain_of(light_ratio(face, reference, mask, width=width), mask, strength=strength)


def light_ratio(
    face: NDArray[np.float32], reference: NDArray[np.float32], mask: NDArray[np.float32], *, width: float
) -> NDArray[np.float32] | None:
    """Natural logarithm of the ratio of both pictures' wide means, small: (n, n, 3); None where the mask is empty."""
    if float(mask.sum()) < 1.0:
        return None
    shown, wanted = (np.maximum(from_display(one, np.float32), np.float32(0.0)) for one in (face, reference))
    ratio: NDArray[np.float32] = np.log(_wide(wanted, mask, width) / _wide(shown, mask, width))
    return ratio


def gain_of(ratio: NDArray[np.float32] | None, mask: NDArray[np.float32], *, strength: float) -> NDArray[np.float32]:
    """The factors (S, S, 3) that a ratio of light asks for, whose mean under the mask (S, S) is left out."""
    size, total = len(mask), float(mask.sum())
    if ratio is None or total < 1.0:
        return np.ones((size, size, 3), np.float32)
    large: NDArray[Any] = cv2.resize(ratio, (size, size), interpolation=cv2.INTER_CUBIC)
    large -= np.einsum("hwc,hw->c", large, mask) / np.float32(total)
    return np.asarray(np.exp(np.float32(strength) * np.clip(large, -_LARGEST, _LARGEST)), np.float32)


def relit(colors: NDArray[np.float32], gain: NDArray[np.float32]) -> NDArray[np.float32]:
    """Display-encoded colours (..., 3) under light that is `gain` (..., 3) times as strong, 0..1.

    Where that brightens, tones bend towards white instead of clipping; black and white stay where they are.
    """
    linear = np.maximum(from_display(colors, np.float32), np.float32(0.0))
    lit = gain * linear / (1.0 + np.maximum(gain - 1.0, 0.0) * linear)
    return np.clip(to_display(lit.astype(np.float32)), 0.0, 1.0)


def _wide(picture: NDArray[np.float32], mask: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """Weighted mean around each pixel, positive; (n, n, 3), as small as loses nothing of it."""
    size = mask.shape[0]
    small = max(16, min(size, round(size / max(width * _REACH / 4.0, 1.0))))
    sigma = width * _REACH * small / size
    stacked = np.dstack([picture * mask[..., None], mask])
    stacked = cv2.resize(stacked, (small, small), interpolation=cv2.INTER_AREA)
    stacked = cv2.GaussianBlur(stacked, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    # Far from the mask, where nothing is known, the mean of all that is.
    whole = np.einsum("hwc,hw->c", picture, mask) / mask.sum()
    trust = stacked[..., 3:] + np.float32(1e-3)
    return np.asarray((stacked[..., :3] + np.float32(1e-3) * whole) / trust + np.float32(_DARK), np.float32)
