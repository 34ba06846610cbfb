"""The colours that a swapped face is fitted by: its own, those of the face that was there, and how much each counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
        """Every pixel of two pictures (S, S, 3), counted as `mask` (S, S) says."""
        return cls(face.reshape(-1, 3), reference.reshape(-1, 3), mask.reshape(-1))

    @property
    def too_few(self) -> bool:
        """Whether there is nothing to go by: the weights make less than one pixel."""
        return float(self.weights.sum()) < 1.0
