"""An amount that differs between forehead, jaw, left and right of a face, with smooth transitions around it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.masks.edge_move import Amount


@dataclass(frozen=True)
class Sides:
    """What is added on each side; left and right are those of the picture, not the performer's."""

    forehead: float = 0.0
    jaw: float = 0.0
    left: float = 0.0
    right: float = 0.0

    def added_to(self, amount: float, *, centre: NDArray[np.float64], size: int) -> Amount:
        """`amount` with the sides' additions.

        Around the centre of the face each side counts by the angle to its direction, half of it at 45 degrees. The
        four make one everywhere, so that the same addition on all sides is the same as a greater `amount`.

        Args:
            amount: of the whole edge.
            centre: (x, y) of the face in pixels.
            size: side of the mask.

        Returns:
            `amount` itself where nothing is added; else (size, size).
        """
        if not any((self.forehead, self.jaw, self.left, self.right)):
            return amount
        place = np.arange(size, dtype=np.float32)
        x, y = (place - np.float32(centre[0]))[None, :], (place - np.float32(centre[1]))[:, None]
        cosine = y * y / np.maximum(x * x + y * y, np.float32(1e-3))  # (size, size): squared, of the angle to upright
        upright = cosine * cosine * (np.float32(3.0) - np.float32(2.0) * cosine)
        vertical = np.where(y < 0, np.float32(self.forehead), np.float32(self.jaw))
        horizontal = np.where(x < 0, np.float32(self.left), np.float32(self.right))
        mixed: NDArray[np.float32] = np.float32(amount) + upright * vertical + (1 - upright) * horizontal
        return mixed
