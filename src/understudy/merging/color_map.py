"""A smooth map from colours to colours, learnt from examples: a lattice in the RGB cube."""

from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

_SIDE = 25  # lattice points along an axis
_SMOOTH = 1.0  # sigma, in lattice steps, of the neighbourhood that a lattice point listens to
_DOUBT = 0.02  # share of the heaviest lattice point's weight at which its examples count half


class ColorMap:
    """What takes some colours to others, as a linear map and, where there are examples, a smooth departure from it."""

    def __init__(
        self,
        colors: NDArray[np.float32],
        goals: NDArray[np.float32],
        weights: NDArray[np.float32],
        *,
        matrix: NDArray[np.float64],
        offset: NDArray[np.float64],
    ) -> None:
        """Fit the map.

        Args:
            colors: (N, 3) RGB 0..1.
            goals: (N, 3), where they go.
            weights: (N,), how much each counts.
            matrix: (3, 3) and offset: (3,), the map that holds far from all examples.
        """
        self._affine = np.column_stack([matrix, offset])
        departure = goals - (colors @ matrix.T + offset)
        votes = np.column_stack([departure * weights[:, None], weights])  # (N, 4)
        lattice = _spread(_splat(colors, votes))  # (_SIDE, _SIDE, _SIDE, 4)
        weight = lattice[..., 3:]
        values = lattice[..., :3] / (weight + _DOUBT * weight.max())
        self._lattice = torch.from_numpy(values.transpose(3, 2, 1, 0)[None].astype(np.float32))  # (1, 3, b, g, r)

    def __call__(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """The colours of an image (H, W, 3) float32 RGB 0..1 mapped; they may leave 0..1."""
        places = torch.from_numpy(image * np.float32(2) - np.float32(1))[None, None]  # (1, 1, H, W, 3): r, g, b
        found = F.grid_sample(self._lattice, places, padding_mode="border", align_corners=True)  # (1, 3, 1, H, W)
        mapped: NDArray[Any] = cv2.transform(image, self._affine)
        mapped += found[0, :, 0].permute(1, 2, 0).numpy()
        return mapped


def _splat(colors: NDArray[np.float32], votes: NDArray[Any]) -> NDArray[np.float64]:
    """Votes (N, K) given to the eight lattice points around each colour, in shares."""
    place = np.clip(colors, 0.0, 1.0) * (_SIDE - 1)
    low = np.minimum(place.astype(np.int64), _SIDE - 2)
    part = place - low
    lattice = np.zeros((votes.shape[1], _SIDE**3))
    for corner in np.ndindex(2, 2, 2):
        share = np.prod(np.where(corner, part, 1.0 - part), axis=1)
        index = np.ravel_multi_index(tuple((low + corner).T), (_SIDE,) * 3)
        for sums, vote in zip(lattice, votes.T, strict=True):
            sums += np.bincount(index, share * vote, _SIDE**3)
    return lattice.T.reshape(_SIDE, _SIDE, _SIDE, -1)


def _spread(lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Gaussian of sigma `_SMOOTH` along the three axes of the cube."""
    for axis in range(3):
        rows = np.moveaxis(lattice, axis, 0)
        flat = np.ascontiguousarray(rows).reshape(_SIDE, -1)
        blurred = cv2.GaussianBlur(flat, (1, 0), sigmaX=0.01, sigmaY=_SMOOTH, borderType=cv2.BORDER_CONSTANT)
        lattice = np.moveaxis(np.asarray(blurred, np.float64).reshape(rows.shape), 0, axis)
    return lattice
