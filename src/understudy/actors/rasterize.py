"""Which surface each sample of the picture shows, and where on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.surface import Surface

Floats = NDArray[np.float32]

NEAR, FAR = 50.0, 20_000.0
"""Millimetres from the camera between which things are seen."""


@dataclass(frozen=True, eq=False)
class Samples:
    """What a grid of samples shows.

    Attributes:
        surface: (H, W) int16, index into the surfaces; -1: none.
        row, column: (H, W) float32 position on that surface's grid.
        depth: (H, W) float32 millimetres along the camera's axis; infinite where there is nothing.
    """

    surface: NDArray[np.int16]
    row: Floats
    column: Floats
    depth: Floats


def rasterize(surfaces: Sequence[Surface], *, field_of_view: float, size: int) -> Samples:
    """Draw surfaces whose points are in camera space; the depth test is exact per sample.

    Args:
        field_of_view: vertical angle of the square picture, radians.
        size: samples on a side.
    """
    points, faces = merged(surfaces)
    place = np.concatenate(
        [
            np.stack(
                np.broadcast_arrays(
                    np.arange(s.points.shape[0], dtype=np.float32)[:, None],
                    np.arange(s.points.shape[1], dtype=np.float32)[None],
                    np.float32(index),
                ),
                axis=-1,
            ).reshape(-1, 3)
            for index, s in enumerate(surfaces)
        ]
    )
    values = np.full((size, size, 3), -1, np.float32)
    depth = np.full((size, size), FAR, np.float32)
    values, depth = cv2.triangleRasterize(
        points, faces, place, values, depth, np.eye(4, dtype=np.float32), field_of_view, NEAR, FAR, _settings()
    )
    empty = depth >= FAR
    depth[empty] = np.inf
    return Samples(np.rint(values[..., 2]).astype(np.int16), values[..., 0], values[..., 1], depth)


def depth_map(points: Floats, faces: NDArray[np.int32], *, field_of_view: float, size: int) -> Floats:
    """Depth (size, size) of triangles in camera space; the far plane where there is nothing."""
    depth = np.full((size, size), FAR, np.float32)
    return np.asarray(
        cv2.triangleRasterizeDepth(
            points, faces, depth, np.eye(4, dtype=np.float32), field_of_view, NEAR, FAR, _settings()
        ),
        np.float32,
    )


def _merged(surfaces: Sequence[Surface]) -> tuple[Floats, NDArray[np.int32]]:
    points = np.concatenate([s.points.reshape(-1, 3) for s in surfaces])
    starts = np.cumsum([0, *(s.points.shape[0] * s.points.shape[1] for s in surfaces)])
    faces = np.concatenate([s.faces + np.int32(start) for s, start in zip(surfaces, starts, strict=False)])
    return points, faces


def merged(surfaces: Sequence[Surface]) -> tuple[Floats, NDArray[np.int32]]:
    """All points (N, 3) and triangles (T, 3) of several surfaces."""
    points = np.concatenate([s.points.reshape(-1, 3) for s in surfaces])
    starts = np.cumsum([0, *(s.points.shape[0] * s.points.shape[1] for s in surfaces)])
    faces = np.concatenate([s.faces + np.int32(start) for s, start in zip(surfaces, starts, strict=False)])
    return points, faces


def _settings() -> "cv2.TriangleRasterizeSettings":
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    return settings
