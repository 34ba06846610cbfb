"""The visible points of a picture: one for a pixel inside a surface, four for a pixel that an edge crosses."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.actors.rasterize import Samples
from understudy.actors.vector import Floats

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

    def quarters(image: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        return tuple(np.ascontiguousarray(image[y::2, x::2]).ravel() for y in (0, 1) for x in (0, 1))

    surface, row, column, depth = (quarters(i) for i in (samples.surface, samples.row, samples.column, samples.depth))
    here = [s >= 0 for s in surface]
    any_here = here[0] | here[1] | here[2] | here[3]
    same = (surface[0] == surface[1]) & (surface[0] == surface[2]) & (surface[0] == surface[3]) & here[0]
    index = np.flatnonzero(same)
    for values, limit in ((row, _CELLS), (column, _CELLS), (depth, _STEP)):
        a, b, c, d = (v[index] for v in values)
        high = np.maximum(np.maximum(a, b), np.maximum(c, d))
        index = index[high - np.minimum(np.minimum(a, b), np.minimum(c, d)) <= limit]
    whole = index
    uniform = np.zeros(size * size, bool)
    uniform[whole] = True
    mixed = np.flatnonzero(any_here & ~uniform)
    kept = [mixed[h[mixed]] for h in here]  # pixels whose quarter shows something, for each quarter
    quarter = np.repeat(np.arange(4), [len(k) for k in kept])

    def both(values: tuple[NDArray[np.generic], ...]) -> NDArray[np.generic]:
        mean = sum(v[whole].astype(np.float32) for v in values) * np.float32(0.25)
        return np.concatenate([mean, *(v[k] for v, k in zip(values, kept, strict=True))])

    pixel = np.concatenate([whole, *kept])
    of = np.concatenate([surface[0][whole], *(s[k] for s, k in zip(surface, kept, strict=True))])
    weight = np.concatenate([np.ones(len(whole), np.float32), np.full(len(quarter), 0.25, np.float32)])
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
        covered=np.mean(here, axis=0, dtype=np.float32).reshape(size, size),
    )
