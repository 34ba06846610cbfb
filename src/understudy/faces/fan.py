"""The field's reference landmarkers: FAN, trained on landmarks in the picture or on the head, from `face-alignment`.

Bulat and Tzimiropoulos, "How far are we from solving the 2D & 3D Face Alignment problem?", ICCV 2017.
"""

import math
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from understudy.faces.align import invert, transform, warp
from understudy.faces.detection import Region
from understudy.faces.face_alignment_weights import fill, import_package, load_weights
from understudy.faces.landmarks import Landmarks

_SIDE = 256  # of the network's input
_CELLS = 64  # of a heat map
_MARGIN = 2 * 200 / 195  # the input shows 200 units where the face's width and height together are 195
_RAISED = 0.12  # of the face's side, by which the input's middle lies above the face's
_QUARTER = 0.25  # of a cell, towards the warmer neighbour


class FAN:
    """Places the 68 landmarks; the jaw line follows the outline that is seen."""

    name = "fan"
    _file = "2DFAN4-11f355bf06.pth.tar"

    def __init__(self) -> None:
        models = import_package("face_alignment.models")
        self._network = fill(models.FAN(4), load_weights(self._file), self._file)

    def landmarks(self, image: NDArray[np.uint8], region: Region) -> Landmarks:
        """Find the landmarks of the face in `region` of an (H, W, 3) RGB image."""
        matrix = fan_region(region).matrix(_SIDE, _MARGIN)
        crop = warp(image, matrix, _SIDE, cubic=False)
        batch = torch.from_numpy(crop).permute(2, 0, 1)[None].float() / 255  # (1, 3, 256, 256) RGB 0..1
        answer = self._network(batch)
        maps = (answer[-1] if isinstance(answer, list) else answer)[0].numpy()  # (68, 64, 64)
        cells, score = decode_heat_maps(maps)
        # A cell's middle lies half a cell from its edge, and so does a pixel's.
        points = transform((cells + 0.5) * (_SIDE / _CELLS) - 0.5, invert(matrix)).astype(np.float32)
        return Landmarks(points=points, dense=None, score=score, region=_around(points))


class FAN3D(FAN):
    """Places the 68 landmarks; the jaw line follows the jaw, also where the face hides it: for heads."""

    name = "fan3d"
    _file = "3DFAN4-7835d9f11d.pth.tar"


def fan_region(region: Region) -> Region:
    """Where FAN looks for a face: a little further up on it."""
    up = _RAISED * region.side
    return replace(region, x=region.x + up * math.sin(region.roll), y=region.y - up * math.cos(region.roll))


def decode_heat_maps(maps: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """Where heat maps are warmest, a quarter of a cell towards the warmer neighbours, and how warm in the mean.

    Args:
        maps: (N, H, W).

    Returns:
        (N, 2) x, y in cells, their middles at integers; 0..1.
    """
    count, height, width = maps.shape
    flat = maps.reshape(count, -1)
    peaks = flat.argmax(axis=1)
    y, x = np.divmod(peaks, width)
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
    every = np.arange(count)
    across = padded[every, y + 1, x + 2] - padded[every, y + 1, x]
    down = padded[every, y + 2, x + 1] - padded[every, y, x + 1]
    inside = (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)
    steps = np.sign(np.stack([across, down], axis=1)) * _QUARTER * inside[:, None]
    return np.stack([x, y], axis=1) + steps, float(np.clip(flat[every, peaks], 0, 1).mean())


def _around(points: NDArray[np.float32]) -> Region:
    """The square around landmarks, turned by the line through the eyes."""
    dx, dy = (points[42:48].mean(axis=0) - points[36:42].mean(axis=0)).astype(float)
    roll = math.atan2(dy, dx)
    axes = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    upright = points @ axes.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = axes.T @ ((low + high) / 2)
    return Region(float(x), float(y), max(1.0, float((high - low).max())), roll)
