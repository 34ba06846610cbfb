"""The net's triangles, normals and parts: what does not change from head to head."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from understudy.actors.lattice import MOUTH_CORNER, Slit, lattice
from understudy.actors.lids import eye_columns
from understudy.actors.neutral import lip_height, neutral_head
from understudy.actors.surface import Part, quads
from understudy.actors.vector import Floats, unit


@cache
def head_faces() -> NDArray[np.int32]:
    """(T, 3) triangles of the net, open at the slits."""
    net = lattice()
    present = np.ones((net.shape[0] - 1, net.shape[1] - 1), bool)
    for slit, columns in _slit_columns():
        cut = slit.upper + slit.inward
        present[cut, columns[0] : columns[-1]] = False
    return quads(present)


@cache
def _slit_columns() -> tuple[tuple[Slit, NDArray[np.intp]], ...]:
    net = lattice()
    mouth = np.flatnonzero(np.abs(net.azimuth) < MOUTH_CORNER)
    return ((net.eyes, eye_columns(-1)), (net.eyes, eye_columns(1)), (net.mouth, mouth))


@cache
def _neighbours() -> tuple[NDArray[np.intp], ...]:
    """Flat indices (R * C,) of the vertices above, below, left and right, past rows that coincide."""
    net = lattice()
    rows, columns = net.shape
    up = np.maximum(np.arange(rows) - 1, 0)[:, None].repeat(columns, axis=1)
    down = np.minimum(np.arange(rows) + 1, rows - 1)[:, None].repeat(columns, axis=1)
    for slit in (net.eyes, net.mouth):
        open_columns = np.zeros(columns, bool)
        for other, of_slit in _slit_columns():
            if other is slit:
                open_columns[of_slit] = True
        inner = np.arange(slit.upper, slit.lower + 1)
        shut = np.ix_(inner, np.flatnonzero(~open_columns))
        up[shut], down[shut] = slit.upper - 1, slit.lower + 1
        ends = np.flatnonzero(open_columns)
        down[slit.upper + slit.inward, ends] = slit.upper + slit.inward
        up[slit.lower - slit.inward, ends] = slit.lower - slit.inward
    column = np.arange(columns)
    left = np.where(column == 0, columns - 2, column - 1)
    right = np.where(column == columns - 1, 1, column + 1)
    row = np.arange(rows)[:, None] * columns
    return (
        (up * columns + column).ravel(),
        (down * columns + column).ravel(),
        (row + left).ravel(),
        (row + right).ravel(),
    )


def head_normals(points: Floats) -> tuple[Floats, Floats]:
    """Unit normals and tangents along the rows, each (R, C, 3), of points (R, C, 3) on the net."""
    up, down, left, right = _neighbours()
    flat = points.reshape(-1, 3)
    across = flat[right] - flat[left]
    along = flat[down] - flat[up]
    normal = np.empty_like(flat)
    normal[:, 0] = along[:, 1] * across[:, 2] - along[:, 2] * across[:, 1]
    normal[:, 1] = along[:, 2] * across[:, 0] - along[:, 0] * across[:, 2]
    normal[:, 2] = along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]
    return unit(normal).reshape(points.shape), unit(across).reshape(points.shape)


@cache
def bare_parts() -> NDArray[np.uint8]:
    """(R, C) parts of a bald head."""
    head = neutral_head()
    part = np.full(head.shape[:2], Part.SKIN, np.uint8)
    part[lip_height() < 1.0] = Part.LIPS
    y, z = head[..., 1], head[..., 2]
    part[(y < -121 - 0.45 * z) & (z < 0) & (y < -40)] = Part.NECK
    return part
