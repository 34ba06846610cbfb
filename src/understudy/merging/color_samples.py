"""The colours that a swapped face is fitted by: its own, those of the face that was there, and how much each counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_GRID = 96  # Samples along a side, at most: some thousand tell as much as all, and cost a fraction.


@dataclass(frozen=True, eq=False)
class ColorSamples:
    """Pairs of colours from the same places of the swapped face and of the face that was there.

    Attributes:
        face: (N, 3) float32 display-encoded RGB 0..1, of the swapped face.
        reference: (N, 3), of the face that was there.
        weights: (N,) float32, not negative.
    """

    face: NDArray[np.float32]
    reference: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, face: NDArray[np.float32], reference: NDArray[np.float32], mask: NDArray[np.float32]) -> "ColorSamples":
        """The pixels of two pictures (S, S, 3), counted as `mask` (S, S) says; of large ones, some."""
        step = -(-mask.shape[0] // _GRID)
        place = (slice(step // 2, None, step), slice(step // 2, None, step))
        weights = mask[place].reshape(-1) * np.float32(step * step)
        return cls(face[place].reshape(-1, 3), reference[place].reshape(-1, 3), weights)

    @property
    def too_few(self) -> bool:
        """Whether there is nothing to go by: the weights make less than one pixel."""
        return float(self.weights.sum()) < 1.0
