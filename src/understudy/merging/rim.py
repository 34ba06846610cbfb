"""What lies along the edge of a swapped face: the frame's colours there, and how far they are those of a face."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 64  # pixels, at most: what a face's tint is told from is smooth
_AROUND = 0.16  # sigma, in widths of the face, of the surroundings that a place is compared with
_DEEP = 0.08  # sigma, in widths of the face: what lies twice as deep in the mask counts as the face itself
_SHALLOW = 0.01  # how much the rest of the mask counts
_UNLIKE = np.array([20.0, 10.0, 10.0], np.float32)  # in CIE L*, a*, b*: what differs by so much is no face
_FLICKER = 0.06  # of the range: what changes by more, in a place that is to be trusted, has moved
_FAR = 1e-3  # of the mask: how much the mean of all counts where nothing of the face is near


@dataclass(frozen=True, eq=False)
class Rim:
    """The frame below a swapped face, small, in the pixels of the crop where the face is laid.

    Attributes:
        plate: (n, n, 3) float32 RGB 0..1.
        trust: (n, n), 0..1: how much it looks like the face that lies next to it, and not like hair, a hand or what is
            behind.
    """

    plate: NDArray[np.float32]
    trust: NDArray[np.float32]

    @classmethod
    def of(cls, plate: NDArray[np.float32], mask: NDArray[np.float32], *, width: float) -> "Rim":
        """From a picture (S, S, 3) and where it is sure to show a face (S, S), whose width is given in its pixels."""
        small = shrunk(plate)
        return cls(small, likeness(small, shrunk(mask), width=width * len(small) / len(mask)))

    def steadied(self, others: Sequence[tuple[float, "Rim"]]) -> "Rim":
        """The mean with those of other frames, each place counted with its trust and its frame's share, 0..1.

        What changes from frame to frame as a whole, as exposure does, is left as it is in this one.
        """
        if not others:
            return self
        total, plate, shares = 1e-6 + self.trust, (1e-6 + self.trust)[..., None] * self.plate, 1.0
        for share, rim in others:
            common = self.trust * rim.trust
            seen = float(common.sum(dtype=np.float64))
            if seen > 0:
                change = np.einsum("yxc,yx->c", self.plate - rim.plate, common) / np.float32(seen)
                moved = rim.plate + change
                agreed = _bell((moved - self.plate) / np.float32(_FLICKER))
                weight = np.float32(share) * rim.trust * (1 - self.trust + self.trust * agreed)
                total += weight
                plate += weight[..., None] * moved
                shares += share
        return Rim(plate / total[..., None], total / np.float32(shares))


def shrunk(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(S, S) or (S, S, 3) in the size of a rim, each pixel the mean of those that it covers."""
    side = round(len(picture) / -(-len(picture) // _SIDE))
    small: NDArray[Any] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def likeness(picture: NDArray[np.float32], mask: NDArray[np.float32], *, width: float) -> NDArray[np.float32]:
    """How far a picture (n, n, 3) has the colours that it has near by, deeper in the mask (n, n): (n, n), 0..1."""
    if not mask.any():
        return np.zeros_like(mask)
    deep: NDArray[Any] = cv2.GaussianBlur(mask, (0, 0), max(_DEEP * width, 0.5), borderType=cv2.BORDER_CONSTANT)
    deep = np.maximum(2 * deep - 1, 0) * mask + np.float32(_SHALLOW) * mask
    counted = np.dstack([picture * deep[..., None], deep])
    near = cv2.GaussianBlur(counted, (0, 0), max(_AROUND * width, 0.5), borderType=cv2.BORDER_CONSTANT)
    whole = counted.mean(axis=(0, 1))
    mean = (near[..., :3] + np.float32(_FAR) * whole[:3] / whole[3]) / (near[..., 3:] + np.float32(_FAR))
    apart = (cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) - cv2.cvtColor(mean, cv2.COLOR_RGB2LAB)) / _UNLIKE
    # A place beside hair has hair in it.
    return np.asarray(cv2.erode(_bell(apart), np.ones((3, 3), np.uint8)), np.float32)


def _bell(apart: NDArray[Any]) -> NDArray[np.float32]:
    """Tukey's weight of differences (n, n, 3): 1 for none, 0 from a length of 1 on."""
    return np.asarray(np.square(np.maximum(1.0 - np.square(apart).sum(axis=2), 0.0)), np.float32)
