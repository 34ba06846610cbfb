"""Which surface each sample of the picture shows, and where on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.surface import Surface
from understudy.actors.vector import Floats

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
    points, faces = merged(surfaces, toward=np.zeros(3, np.float32))
    values = np.full((size, size, 3), -1, np.float32)
    depth = np.full((size, size), FAR, np.float32)
    place = np.concatenate([_places(s.points.shape[:2], index) for index, s in enumerate(surfaces)])
    drawn = cv2.triangleRasterize(
        points, faces, place, values, depth, np.eye(4, dtype=np.float32), field_of_view, NEAR, FAR, _settings()
    )
    values, depth = np.asarray(drawn[0], np.float32), np.asarray(drawn[1], np.float32)
    depth[depth >= FAR] = np.inf
    return Samples(np.rint(values[..., 2]).astype(np.int16), values[..., 0], values[..., 1], depth)


@lru_cache(maxsize=128)
def _places(shape: tuple[int, int], index: int) -> Floats:
    """(R * C, 3) row, column and number of the surface for each point of its grid."""
    row, column = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    return np.stack([row, column, np.full_like(row, index)], axis=-1).reshape(-1, 3)


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


def merged(surfaces: Sequence[Surface], *, toward: Floats | None = None) -> tuple[Floats, NDArray[np.int32]]:
    """All points (N, 3) and triangles (T, 3) of several surfaces.

    Args:
        toward: (3,) a viewer's place; of surfaces that have an inside, triangles that turn away from it are left out.
    """
    points = np.concatenate([s.points.reshape(-1, 3) for s in surfaces])
    starts = np.cumsum([0, *(s.points.shape[0] * s.points.shape[1] for s in surfaces)])
    kept = [s.faces if toward is None else _turned_to(s, toward) for s in surfaces]
    faces = np.concatenate([f + np.int32(start) for f, start in zip(kept, starts, strict=False)])
    return points, faces


def _turned_to(surface: Surface, viewer: Floats) -> NDArray[np.int32]:
    if surface.turned_away is None:
        return surface.faces
    normals, ray = surface.normals.reshape(-1, 3), viewer - surface.points.reshape(-1, 3)
    cosine = np.einsum("ij,ij->i", normals, ray) / np.sqrt(np.einsum("ij,ij->i", ray, ray))
    seen = cosine > surface.turned_away
    a, b, c = surface.faces.T
    return np.asarray(surface.faces[seen[a] | seen[b] | seen[c]])


def _settings() -> "cv2.TriangleRasterizeSettings":
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    return settings
