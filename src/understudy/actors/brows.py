"""Eyebrows, painted hair by hair."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import ramp
from understudy.actors.identity import Identity
from understudy.actors.pigment import hair_colour
from understudy.actors.vector import Floats, vector

BROW_LINE = ((10.5, 18.5), (20.0, 21.8), (31.0, 24.3), (41.0, 24.0), (50.0, 19.5), (56.0, 14.0))
"""Middle line (x, y) of the image-right brow of the neutral head, from its inner end."""

_SHIFT_BITS = 4  # sub-pixel positions of the drawn hairs


def paint_brows(colour: Floats, place: Floats, identity: Identity, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw both brows.

    Args:
        colour: (H, W, 3) albedo.
        place: (H, W, 3) neutral positions of the texels.

    Returns:
        The albedo with brows, and their coverage (H, W).
    """
    m = identity.measures
    cover = np.zeros(colour.shape[:2], np.float32)
    soft = np.zeros(colour.shape[:2], np.float32)
    line = np.array(BROW_LINE)
    line = line + np.stack([0 * line[:, 0], 0.7 * m["brow_arch"] * np.array([-1.2, 0.2, 1.6, 2.2, 0.6, -1.4])], axis=-1)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    thickness = 2.9 + 4.4 * m["brow_thickness"]
    count = int(340 + 420 * m["brow_thickness"])
    for side in (-1, 1):
        rows, columns = _window(place, side)
        area = place[rows, columns]
        finder = _Finder(area, side)
        t = rng.beta(1.25, 1.3, count)
        width = thickness * (0.7 + 0.3 * ramp(t, 0, 0.22)) * (1 - 0.75 * ramp(t, 0.55, 1.02))
        v = np.clip(rng.normal(0, 0.42, count), -1.2, 1.2)
        x = np.interp(t * along[-1], along, line[:, 0])
        y = np.interp(t * along[-1], along, line[:, 1]) + v * width
        heading = np.interp(t, [0, 0.18, 0.5, 1], [1.25, 0.65, 0.18, -0.45]) - 0.55 * v * ramp(t, 0.1, 0.5)
        heading += rng.normal(0, 0.17, count)
        length = (
            rng.uniform(3.6, 7.2, count)
            * (1 - 0.35 * ramp(t, 0.6, 1.0))
            * (0.7 + 0.3 * ramp(t, 0, 0.2))
            * (0.75 + 0.4 * m["brow_thickness"])
        )
        tip = np.stack([x + np.cos(heading) * length, y + np.sin(heading) * length], axis=-1)
        curl = np.stack([x + 0.55 * np.cos(heading + 0.1) * length, y + 0.6 * np.sin(heading + 0.1) * length], axis=-1)
        paths = finder.texels(np.stack([np.stack([x, y], axis=-1), curl, tip], axis=1))  # (N, 3, 2)
        layer = np.zeros(area.shape[:2], np.float32)
        canvas = np.zeros((2 * area.shape[0], 2 * area.shape[1]), np.uint8)  # finer, for hairs thinner than a texel
        for batch in np.array_split(paths, 6):
            canvas[:] = 0
            points = np.rint((2 * batch + 0.5) * (1 << _SHIFT_BITS)).astype(np.int32)
            cv2.polylines(canvas, list(points), False, 255, 1, cv2.LINE_AA, _SHIFT_BITS)
            halved = cv2.resize(canvas, area.shape[1::-1], interpolation=cv2.INTER_AREA)
            layer += halved.astype(np.float32) / 255
        cover[rows, columns] += 1 - np.exp(-0.8 * layer)
        soft[rows, columns] += np.clip(cv2.GaussianBlur(layer, (0, 0), sigmaX=4, sigmaY=5), 0, 1)
    hairs = hair_colour(m["hair_melanin"] * 0.8 + 0.2 * m["brow_darkness"], m["hair_red"], 0.6 * m["hair_grey"])
    hairs = hairs * (1.0 - 0.5 * m["brow_darkness"])
    strength = 0.55 + 0.45 * m["brow_darkness"]
    share = np.clip(0.72 * cover + 0.30 * soft, 0, 0.9)[..., None] * strength
    return np.asarray(colour * (1 - share) + hairs * share, np.float32), np.clip(cover + soft, 0, 1)


class _Finder:
    """Texels of places given by (x, y) on one side of the brow area."""

    def __init__(self, area: Floats, side: int) -> None:
        self._grid = area[::3, ::3, :2].reshape(-1, 2) * vector(side, 1)
        height, width = area[::3, ::3].shape[:2]
        self._index = np.stack(np.meshgrid(np.arange(width) * 3, np.arange(height) * 3), axis=-1).reshape(-1, 2)
        x = np.gradient(area[..., 0] * side, axis=1).mean(), np.gradient(area[..., 0] * side, axis=0).mean()
        y = np.gradient(area[..., 1], axis=1).mean(), np.gradient(area[..., 1], axis=0).mean()
        self._inverse = np.linalg.inv(np.array([x, y]))

    def texels(self, places: NDArray[np.floating[Any]]) -> Floats:
        """(..., 2) x, y of texels within the area."""
        flat = places.reshape(-1, 2).astype(np.float32)
        nearest = np.concatenate(
            [np.argmin(((part[:, None] - self._grid) ** 2).sum(axis=-1), axis=1) for part in np.array_split(flat, 24)]
        )
        rest = (flat - self._grid[nearest]) @ self._inverse.T
        return np.asarray((self._index[nearest] + np.clip(rest, -3, 3)).reshape(places.shape), np.float32)


def _window(place: Floats, side: int) -> tuple[slice, slice]:
    """The texels around one brow."""
    inside = (place[..., 0] * side > 1) & (place[..., 0] * side < 68)
    inside &= (place[..., 1] > 4) & (place[..., 1] < 40) & (place[..., 2] > -50)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
