"""Where in a frame no swapped face may show: mattes drawn as polygons, or painted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import face_matrix, invert, warp
from understudy.masks import Matte, limit_mask
from understudy.merging.placement import after


@dataclass(frozen=True, eq=False)
class Limits:
    """The mattes of one frame.

    Attributes:
        index: of the frame, counted from 0.
        mattes: polygons.
        painted: (H, W) float32 0..1, how much of a swapped face may show; None where nothing was painted.
    """

    index: int = 0
    mattes: Sequence[Matte] = ()
    painted: NDArray[np.float32] | None = None

    def passed(
        self,
        pixels: NDArray[Any],
        landmarks: NDArray[np.float32],
        matrix: NDArray[np.float64],
        paste: NDArray[np.float64],
        percent: float,
        size: int,
    ) -> NDArray[np.float32] | None:
        """What they let through of a face.

        Args:
            pixels: (H, W, 3), the frame.
            landmarks: (68, 2) in frame pixels.
            matrix: (2, 3) from frame pixels to the crop as it was cut out.
            paste: (2, 3), whose inverse lays the crop over the frame.
            percent: crop pixels in a percent of face width.
            size: side of the crop in pixels.

        Returns:
            (size, size) float32 in the pixels of the crop where it is laid, 0..1; None where there are no mattes.
        """
        drawn = None
        if self.mattes:
            height, width = pixels.shape[:2]
            # A share of the width of 0 is the left edge of the first pixel, whose centre is at 0.
            shares = np.array([[width, 0.0, -0.5], [0.0, height, -0.5]])
            square = invert(face_matrix(landmarks, "half", 1))
            drawn = limit_mask(
                self.mattes,
                self.index,
                size,
                frame_to_mask=after(paste, shares),
                face_to_mask=after(matrix, square),
                percent=percent,
            )
        if self.painted is None:
            return drawn
        # The matte's dark places are what is moved: beyond the frame there are none.
        painted: NDArray[np.float32] = 1 - np.clip(
            warp(1 - self.painted[..., None], paste, size).reshape(size, size), 0.0, 1.0
        )
        return painted if drawn is None else painted * drawn


UNLIMITED = Limits()
"""No mattes."""


def limited(mask: NDArray[np.float32], *passed: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """The mask as far as all of `passed` let it through."""
    for part in passed:
        if part is not None:
            mask = mask * part
    return mask
