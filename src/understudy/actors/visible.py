"""The visible points of a picture: one for a pixel inside a surface, four for a pixel that an edge crosses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.actors.rasterize import Samples

Floats = NDArray[np.float32]

_CELLS = 5.0  # of a grid that one pixel may span
_STEP = 7.0  # millimetres of depth that one pixel may span


@dataclass(frozen=True, eq=False)
class Visible:
    """Points to shade, ordered by surface.

    Attributes:
        pixel: (N,) flat index of the pixel.
        weight: (N,) share of the pixel, 1 or 1/4.
        surface, row, column, depth: (N,) as in `Samples`.
        x, y: (N,) place in the picture, pixel centres at integers.
        starts: (S + 1,) where each surface's points begin.
        covered: (H, W) share of each pixel that shows any surface.
    """

    pixel: NDArray[np.intp]
    weight: Floats
    row: Floats
    column: Floats
    depth: Floats
    x: Floats
    y: Floats
    surface: NDArray[np.int16]
    starts: NDArray[np.intp]
    covered: Floats


def visible(samples: Samples, surfaces: int) -> Visible:
    """The points to shade of a picture sampled twice in each direction."""
    size = samples.surface.shape[0] // 2

    def blocks(image: NDArray[np.generic]) -> NDArray[np.generic]:
        return image.reshape(size, 2, size, 2).transpose(0, 2, 1, 3).reshape(size * size, 4)

    surface, row, column, depth = (blocks(i) for i in (samples.surface, samples.row, samples.column, samples.depth))
    here = surface >= 0
    any_here = here.any(axis=1)
    same = (surface == surface[:, :1]).all(axis=1) & here[:, 0]
    index = np.flatnonzero(same)
    for values, limit in ((row, _CELLS), (column, _CELLS), (depth, _STEP)):
        part = values[index]
        index = index[part.max(axis=1) - part.min(axis=1) <= limit]
    whole = index
    uniform = np.zeros(size * size, bool)
    uniform[whole] = True
    mixed = np.flatnonzero(any_here & ~uniform)
    pixel4 = np.repeat(mixed, 4)
    quarter = np.tile(np.arange(4), len(mixed))
    keep = here[mixed].ravel()
    pixel4, quarter = pixel4[keep], quarter[keep]

    def both(values: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.concatenate([values[whole].mean(axis=1, dtype=np.float32), values[pixel4, quarter]])

    pixel = np.concatenate([whole, pixel4])
    of = np.concatenate([surface[whole, 0], surface[pixel4, quarter]])
    weight = np.concatenate([np.ones(len(whole), np.float32), np.full(len(pixel4), 0.25, np.float32)])
    inside = np.concatenate([np.full(len(whole), -1), quarter])
    x = (pixel % size + np.where(inside < 0, 0, (inside % 2) * 0.5 - 0.25)).astype(np.float32)
    y = (pixel // size + np.where(inside < 0, 0, (inside // 2) * 0.5 - 0.25)).astype(np.float32)
    order = np.argsort(of, kind="stable")
    starts = np.searchsorted(of[order], np.arange(surfaces + 1))
    return Visible(
        pixel=pixel[order],
        weight=weight[order],
        row=np.asarray(both(row)[order], np.float32),
        column=np.asarray(both(column)[order], np.float32),
        depth=np.asarray(both(depth)[order], np.float32),
        x=x[order],
        y=y[order],
        surface=of[order],
        starts=starts,
        covered=here.mean(axis=1, dtype=np.float32).reshape(size, size),
    )
