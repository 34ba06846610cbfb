"""The lower jaw: which vertices it carries, and how it opens."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import ramp
from understudy.actors.lattice import MOUTH_CORNER, lattice
from understudy.actors.neutral import neutral_head
from understudy.actors.vector import Floats, vector

HINGE = vector(0, -14, -84)
WIDEST = 0.30  # radians at `jaw_open` = 1
_FORWARD = 3.0  # millimetres that the joint slides forward as it opens


@cache
def below_mouth() -> Floats:
    """(R, C) share of each vertex in the lower side of the mouth: a step at the slit, even beside it."""
    net, head = lattice(), neutral_head()
    slit = head[net.mouth.upper]  # (C, 3)
    corner = float(np.interp(MOUTH_CORNER, net.azimuth, slit[:, 0]))
    across = np.abs(head[..., 0]) / corner
    width = 13 + 34 * ramp(across, 0.9, 2.4)
    rows = np.arange(net.shape[0])[:, None]
    side = np.where(rows <= net.mouth.upper + net.mouth.inward, -1.0, 1.0)
    inside = np.sqrt(np.maximum(1 - across**2, 0)) * (np.abs(net.azimuth) < 1)
    height = head[..., 1] - slit[None, :, 1]
    height = np.where(_between(rows, net.mouth.upper, net.mouth.lower), 0, height)
    s = -height / width + side * inside
    return ramp(s, -1, 1)


@cache
def jaw_weight() -> Floats:
    """(R, C) share of each vertex in the jaw's turn."""
    head = neutral_head()
    throat = ramp(head[..., 2], -88, -34) * ramp(head[..., 1], -165, -112)
    return np.asarray(below_mouth() * throat, np.float32)


def opened(points: Floats, weight: Floats, opening: float) -> Floats:
    """Points (..., 3) turned around the hinge by their `weight` (...) of `opening` 0..1."""
    angle = weight * np.float32(opening * WIDEST)
    c, s = np.cos(angle), np.sin(angle)
    moved = points - HINGE
    y, z = moved[..., 1], moved[..., 2]
    turned = np.stack([moved[..., 0], c * y - s * z, s * y + c * z], axis=-1)
    turned[..., 2] += weight * np.float32(opening * _FORWARD)
    return turned + HINGE


def _between(rows: NDArray[np.int_], first: int, last: int) -> NDArray[np.bool_]:
    return (rows >= first) & (rows <= last)
