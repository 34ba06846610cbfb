"""How much a picture changes from one frame to the next, as a whole and where a face was."""

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import warp
from understudy.faces.detection import Region

_SIDE = 64  # pixels a side at which pictures are held against each other
_CUT = 18.0  # levels
_FACE_SIDE, _MARGIN = 24, 1.2
_LEAP = 22.0  # levels; in the sample footage a turning head changes by up to 19, a leap by a quarter of its side by 26


class CutWatch:
    """Tells whether a frame follows the one before it or begins something new.

    A colour picture of 64 x 64 pixels changes by 18 of 255 levels in the mean where nothing but the chair stays. A
    strobe light passes for a cut, too: that costs time, while a cut taken for motion costs faces.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.float32] | None = None

    def __call__(self, image: NDArray[np.uint8]) -> bool:
        """Whether there is a cut before this (H, W, 3) RGB image; True for the first."""
        small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        last, self._last = self._last, small
        return last is None or float(np.abs(small - last).mean()) > _CUT


def has_leapt(before: NDArray[np.uint8], now: NDArray[np.uint8], region: Region) -> bool:
    """Whether what a region of one (H, W, 3) image showed is not what it shows now, not even somewhat moved."""
    matrix = region.matrix(_FACE_SIDE, _MARGIN)
    one, other = (warp(image, matrix, _FACE_SIDE, cubic=False).astype(np.float32) for image in (before, now))
    return float(np.abs(other - one).mean()) > _LEAP
