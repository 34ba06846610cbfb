"""A patch of the picture's geometry: a grid of points, what it is a part of and what it is made of."""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from understudy.actors.vector import Floats, unit


class Part(IntEnum):
    """What a pixel shows. The parts of `Truth.parts` partition the picture."""

    BACKGROUND = 0
    SKIN = 1
    LIPS = 2
    EYE = 3
    MOUTH = 4
    HAIR = 5
    EAR = 6
    NECK = 7
    CLOTHES = 8
    GLASSES = 9
    OCCLUDER = 10


class Material(IntEnum):
    """How a patch answers light."""

    SKIN = 0
    EYE = 1
    MOUTH = 2
    HAIR = 3
    CLOTH = 4
    GLOSS = 5


@dataclass(frozen=True, eq=False)
class SkinTexture:
    """Painted skin at falling sizes; `levels[k]` has `texels / 2**k` texels between two points of the grid.

    Attributes:
        colour: (H, W, 4) for each level: albedo and strength of the shine.
        relief: (H, W, 2) for each level: slopes across and down.
        texels: texels between two points at level 0.
    """

    colour: tuple[Floats, ...]
    relief: tuple[Floats, ...]
    texels: int


@dataclass(frozen=True, eq=False)
class EyeTexture:
    """A painted eye and where it looks.

    Attributes:
        colour: (H, W, 3) albedo by angle from the axis and around it.
        axes: (3, 3) columns: the eye's x, y, z in the space of the surface.
        scale: size relative to the average eye.
    """

    colour: Floats
    axes: Floats
    scale: float


@dataclass(frozen=True, eq=False)
class Surface:
    """A grid of points with its neighbours joined by triangles.

    Attributes:
        points: (R, C, 3) float32, in the space of whoever holds the surface.
        normals: (R, C, 3) float32, unit length, outwards.
        material: how it answers light.
        part: (R, C) uint8, a `Part` for each point.
        albedo: (R, C, 3) float32 linear RGB, where the material has no texture of its own.
        shade: (R, C) float32: how much of the surroundings the point sees, 0..1.
        faces: (T, 3) int32 into the flattened points.
        tangents: (R, C, 3) unit, along the hair or across the skin's texture, where the material asks for it.
        texture: the pictures that skin and eyes are painted with.
        turned_away: cosine to the viewer below which the surface hides its own points; None: it never does.
    """

    points: Floats
    normals: Floats
    material: Material
    part: NDArray[np.uint8]
    albedo: Floats
    shade: Floats
    faces: NDArray[np.int32]
    tangents: Floats | None = None
    texture: "SkinTexture | EyeTexture | None" = None
    turned_away: float | None = None


@lru_cache(maxsize=64)
def grid_faces(rows: int, columns: int) -> NDArray[np.int32]:
    """Two triangles (T, 3) for each cell of a grid."""
    return quads(np.ones((rows - 1, columns - 1), bool))


def quads(present: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Two triangles (T, 3) for each cell that is `present`, (R - 1, C - 1)."""
    rows, columns = present.shape
    index = np.arange((rows + 1) * (columns + 1), dtype=np.int32).reshape(rows + 1, columns + 1)
    a, b, c, d = (index[y : y + rows, x : x + columns][present] for y in (0, 1) for x in (0, 1))
    return np.concatenate([np.stack([a, c, b], axis=1), np.stack([b, c, d], axis=1)])


def ribbon_grid(left: Floats, right: Floats) -> Floats:
    """A grid (S, 2N, K) of N ribbons side by side, from their left and right edges (N, S, K)."""
    count, points, width = left.shape
    return np.ascontiguousarray(np.stack([left, right], axis=1).reshape(2 * count, points, width).transpose(1, 0, 2))


@lru_cache(maxsize=64)
def ribbon_faces(points: int, count: int) -> NDArray[np.int32]:
    """Triangles (T, 3) of a grid of `count` separate ribbons with `points` rows."""
    present = np.zeros((points - 1, 2 * count - 1), bool)
    present[:, ::2] = True
    return quads(present)


def grid_normals(points: Floats) -> Floats:
    """Unit normals (R, C, 3) of a grid whose rows run down and whose columns run right when seen from outside."""
    return unit(np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1)))
