"""Points, directions and grids of them, as float32 arrays whose last axis is x, y, z."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]


def vector(*values: ArrayLike) -> Floats:
    """A float32 array of the given numbers (or rows)."""
    return np.array(values, np.float32)


def dot(a: Floats, b: Floats) -> Floats:
    """Products of vectors (..., 3), added up: (...)."""
    return np.asarray(np.einsum("...i,...i", a, b), np.float32)


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Vectors (..., 3) at length one."""
    length = np.sqrt(np.einsum("...i,...i", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, 1e-9)[..., None], np.float32)


def moved(
    points: NDArray[np.floating], rotation: NDArray[np.floating], offset: NDArray[np.floating] | None = None
) -> Floats:
    """Points (..., 3) turned by `rotation` (3, 3), then shifted by `offset` (3,)."""
    shift = np.zeros(3) if offset is None else offset
    matrix = np.column_stack([rotation, shift]).astype(np.float32)
    flat = np.ascontiguousarray(points, np.float32).reshape(1, -1, 3)
    return np.asarray(cv2.transform(flat, matrix), np.float32).reshape(points.shape)
