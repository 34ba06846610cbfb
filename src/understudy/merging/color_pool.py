"""The colours of a face gathered over neighbouring frames, so that a colour transfer does not flicker."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples
from understudy.merging.light import gain_of, light_ratio, relit
from understudy.merging.prediction import Prediction

_SIDE = 32  # places along a side: as good as all pixels to a few hundredths of a level
_LIGHT = 0.04  # of the range: frames whose light differs by so much have nothing to tell each other


@dataclass(frozen=True, eq=False)
class ColorGrid:
    """The colours of one face on a coarse grid of its crop.

    Attributes:
        face: (n, n, 3) float32 RGB 0..1, of the swapped face.
        reference: (n, n, 3), of the face that was there.
        weights: (n, n), 0..1.
    """

    face: NDArray[np.float32]
    reference: NDArray[np.float32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, prediction: Prediction, mask: NDArray[np.float32]) -> "ColorGrid":
        """Every so many pixels of a prediction under a mask (S, S)."""
        step = _step(len(mask))
        parts = (prediction.face, prediction.crop, mask)
        return cls(*(np.ascontiguousarray(part[step // 2 :: step, step // 2 :: step]) for part in parts))

    @cached_property
    def light(self) -> NDArray[np.float64] | None:
        """(3,) mean colour of the face that was there; None where nothing of it counts."""
        total = float(self.weights.sum(dtype=np.float64))
        if total < 1.0:
            return None
        mean: NDArray[np.float64] = np.einsum("yx,yxc->c", self.weights, self.reference, dtype=np.float64) / total
        return mean

    def same_light(self, other: "ColorGrid") -> float:
        """How far another frame shows the face under the same light, 0..1."""
        here, there = self.light, other.light
        if here is None or there is None:
            return 0.0
        return float(max(0.0, 1.0 - float(np.abs(there - here).max() / _LIGHT) ** 2) ** 2)


@dataclass(frozen=True, eq=False)
class ColorPool:
    """The grids of one face in several frames.

    Attributes:
        grids: at least one.
        shares: how much each counts, 0..1.
    """

    grids: tuple[ColorGrid, ...]
    shares: tuple[float, ...]

    @classmethod
    def gather(cls, own: ColorGrid, others: Sequence[tuple[float, ColorGrid]]) -> "ColorPool":
        """A frame's own colours and those of others, each counting as its share says, less under another light."""
        told = [(share * own.same_light(grid), grid) for share, grid in others]
        shares, grids = zip((1.0, own), *((share, grid) for share, grid in told if share > 0), strict=True)
        return cls(grids, shares)

    def light_gain(self, mask: NDArray[np.float32], *, width: float, strength: float) -> NDArray[np.float32]:
        """As `light.light_gain` under the mask (S, S) has it, from the mean ratio of light over the frames."""
        step = _step(len(mask))
        seen = mask[step // 2 :: step, step // 2 :: step]
        total, mean = 0.0, None
        for grid, share in zip(self.grids, self.shares, strict=True):
            ratio = light_ratio(grid.face, grid.reference, grid.weights * seen, width=width / step)
            if ratio is not None:
                total += share
                mean = share * ratio if mean is None else mean + share * ratio
        return gain_of(None if mean is None else np.float32(1.0 / total) * mean, mask, strength=strength)

    def under(self, mask: NDArray[np.float32], gain: NDArray[np.float32] | None = None) -> ColorSamples:
        """The samples, as far as they lie under the mask (S, S) of the frame that they are meant for.

        Args:
            gain: (S, S, 3), the light that this frame's face is given; None: its own.
        """
        step = _step(len(mask))
        seen = mask[step // 2 :: step, step // 2 :: step] * np.float32(step * step)  # in pixels, as `too_few` counts
        weights = [
            grid.weights * (seen * np.float32(share)) for grid, share in zip(self.grids, self.shares, strict=True)
        ]
        faces = [grid.face for grid in self.grids]
        if gain is not None:
            faces = [relit(face, gain[step // 2 :: step, step // 2 :: step]) for face in faces]
        return ColorSamples(
            np.concatenate([face.reshape(-1, 3) for face in faces]),
            np.concatenate([grid.reference.reshape(-1, 3) for grid in self.grids]),
            np.concatenate([weight.reshape(-1) for weight in weights]),
        )


def _step(size: int) -> int:
    return max(1, size // _SIDE)
