"""Eyelashes, which follow the lids."""

import numpy as np

from understudy.actors.lattice import lattice
from understudy.actors.lids import eye_columns
from understudy.actors.surface import ribbon_grid
from understudy.actors.vector import Floats, unit, vector

_POINTS = 4
_WIDTH = 0.10  # millimetres, half the width at the root


def lashes(head: Floats, side: int, centre: Floats, strength: float) -> tuple[Floats, Floats]:
    """Lashes of the image's left (-1) or right (1) eye.

    Args:
        head: (R, C, 3) in head coordinates with its lids in place.
        centre: (3,) of the eyeball.
        strength: 0 sparse and short .. 1 dense and long.

    Returns:
        Points (4, 2 * lashes, 3) and unit tangents of the same shape, a ribbon for every two columns.
    """
    net, columns = lattice(), eye_columns(side)
    upper = _fan(head[net.eyes.upper, columns], side, centre, 3.2 + 2.0 * strength, 1, int(40 + 34 * strength))
    lower = _fan(head[net.eyes.lower, columns], side, centre, 1.1 + 0.8 * strength, -1, int(16 + 14 * strength))
    spine = np.concatenate([upper, lower])  # (L, 4, 3)
    tangent = unit(np.gradient(spine, axis=1))
    across = unit(np.cross(tangent, vector(0, 0, 1)))
    width = _WIDTH * vector(1.0, 0.85, 0.6, 0.15)[:, None]
    points = ribbon_grid(spine - across * width, spine + across * width)
    return points.astype(np.float32), ribbon_grid(tangent, tangent)


def _fan(margin: Floats, side: int, centre: Floats, length: float, up: int, count: int) -> Floats:
    """Spines (count, 4, 3) along a margin (K, 3)."""
    place = np.linspace(0.09, 0.975, count)
    if side < 0:
        place = 1 - place
    order = np.arange(count)
    wobble = np.sin(order * 12.9898) * 0.5 + 0.5 * np.sin(order * 1.7)
    place = np.clip(place + 0.006 * np.sin(order * 7.31), 0.02, 0.99)
    at = place * (len(margin) - 1)
    first = np.minimum(at.astype(np.intp), len(margin) - 2)
    share = (at - first)[:, None]
    root = margin[first] * (1 - share) + margin[first + 1] * share
    away = unit(root - centre)
    outer = np.clip((np.abs(root[:, :1]) - abs(float(centre[0]))) / 15, -1, 1)
    heading = unit(away + vector(side, 0, 0) * (0.45 * outer + 0.20 * wobble[:, None]) + vector(0, -0.25 * up, 0))
    curl = vector(0, 0.75 * up, 0.25)
    reach = (length * (0.72 + 0.28 * (1 - outer**2) + 0.25 * (outer > 0.2) * up) * (1 + 0.15 * wobble[:, None]))[
        :, None
    ]
    t = np.linspace(0, 1, _POINTS, dtype=np.float32)[None, :, None]
    return np.asarray(root[:, None] + reach * (heading[:, None] * t * 0.8 + curl * (t**2 * 0.62)), np.float32)
