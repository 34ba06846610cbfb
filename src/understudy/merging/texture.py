"""What a frame's plate tells of its grain and its sharpness where a face lies, and the mean of that over frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.merging.grain import Grain, measure_grain
from understudy.merging.sharpness import detail_energies, sharpness_of


@dataclass(frozen=True, eq=False)
class Texture:
    """Grain and detail of a plate.

    Attributes:
        grain: how strong and how coarse it is.
        energies: (2,) of the fine and the coarser detail, grain's among them.
    """

    grain: Grain
    energies: NDArray[np.float64]

    @classmethod
    def of(cls, plate: NDArray[np.float32], inside: NDArray[np.bool_]) -> "Texture | None":
        """Of (h, w, 3) RGB in frame pixels where `inside` (h, w) says; None where that is too little to tell."""
        grain = measure_grain(plate, inside)
        return None if grain is None else cls(grain, detail_energies(plate, inside))

    @classmethod
    def mean(cls, textures: Sequence[tuple[float, "Texture"]]) -> "Texture":
        """The mean of some, each counted with its share."""
        shares = np.array([share for share, _ in textures])
        shares /= shares.sum()
        grain = Grain(
            shares @ np.array([texture.grain.detail for _, texture in textures]),
            shares @ np.array([texture.grain.halved for _, texture in textures]),
        )
        return cls(grain, shares @ np.array([texture.energies for _, texture in textures]))

    @property
    def sharpness(self) -> float:
        """As `sharpness_of` has it."""
        return sharpness_of(self.energies, self.grain)
