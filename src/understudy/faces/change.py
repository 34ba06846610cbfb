"""How much the picture changes from one frame to the next."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 64  # pixels a side at which pictures are held against each other
_CUT = 18.0  # levels


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
