"""Smooth weights over the head, from which shapes, expressions and complexion are painted."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from understudy.actors.vector import Floats, vector

Vector = tuple[float, float, float]


def bump(x: NDArray[np.floating], centre: float | Floats = 0.0, width: float = 1.0) -> Floats:
    """1 at `centre`, 1/e at `width` from it."""
    return np.asarray(np.exp(-(((x - centre) / width) ** 2)), np.float32)


def ramp(x: NDArray[np.floating], low: float | Floats, high: float | Floats) -> Floats:
    """Smooth step from 0 at `low` to 1 at `high`; falls where `high` is below `low`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def blob(points: Floats, centre: Vector, radius: Vector | float) -> Floats:
    """1 at `centre`, 1/e on the ellipsoid of `radius` around it; for points (..., 3)."""
    q = (points - vector(*centre)) / np.asarray(radius, np.float32)
    return np.asarray(np.exp(-np.einsum("...i,...i", q, q)), np.float32)


def stroke(points: Floats, path: Sequence[Vector], width: float) -> Floats:
    """1 on a polyline, 1/e at `width` millimetres from it; for points (..., 3)."""
    return bump(path_distance(points, path), 0, width)


def path_distance(points: Floats, path: Sequence[Vector]) -> Floats:
    """Distance of points (..., 3) to a polyline."""
    nearest = np.full(points.shape[:-1], np.inf, np.float32)
    for start, end in pairwise(path):
        a, along = vector(*start), vector(*end) - vector(*start)
        t = np.clip((points - a) @ along / (along @ along), 0, 1)
        gap = points - a - t[..., None] * along
        nearest = np.minimum(nearest, np.sqrt(np.einsum("...i,...i", gap, gap)))
    return nearest


def left_half(points: Floats, soft: float = 6.0) -> Floats:
    """1 on the image's left of a head that faces the camera (x < 0), fading over `soft` millimetres."""
    return ramp(points[..., 0], soft, -soft)


def mirror(points: Floats) -> Floats:
    """The points with both sides folded onto x >= 0."""
    folded = points.copy()
    folded[..., 0] = np.abs(folded[..., 0])
    return folded
