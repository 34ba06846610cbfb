"""The neutral head as a solid: distance to its surface, from ellipsoids and capsules blended smoothly.

Head coordinates, used by every file of this room: millimetres, origin midway between the pupils, x towards the image's
right for a head that faces the camera, y up, z out of the face. The figures are those of an average adult
(Farkas, "Anthropometry of the Head and Face", 1994); `shape.py` makes persons of it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.actors.vector import vector

Points = NDArray[np.floating[Any]]  # (..., 3)
Distance = NDArray[np.floating[Any]]  # (...)

EYE_CENTRE = (31.0, 0.0, -15.2)
EYE_RADIUS = 12.4
LID_RADIUS = EYE_RADIUS + 1.3


def _ellipsoid(p: Points, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Distance:
    """Distance to an ellipsoid, first order (Quilez, "Distance functions")."""
    q = p - vector(*centre)
    r = vector(*radii)
    near = np.sqrt(np.einsum("...i,...i", q / r, q / r))
    slope = np.sqrt(np.einsum("...i,...i", q / r**2, q / r**2))
    return np.asarray(near * (near - 1) / np.maximum(slope, 1e-6))


def _capsule(
    p: Points, start: tuple[float, float, float], end: tuple[float, float, float], r0: float, r1: float
) -> Distance:
    """Distance to a capsule whose radius runs from `r0` to `r1`."""
    a, b = vector(*start), vector(*end)
    along = b - a
    t = np.clip((p - a) @ along / (along @ along), 0, 1)
    return np.asarray(np.linalg.norm(p - a - t[..., None] * along, axis=-1) - (r0 + (r1 - r0) * t))


def _join(a: Distance, b: Distance, width: float) -> Distance:
    """Union with a fillet of `width` millimetres (the polynomial smooth minimum)."""
    h = np.maximum(width - np.abs(a - b), 0) / width
    return np.minimum(a, b) - h * h * (width / 4)


def _carve(a: Distance, b: Distance, width: float) -> Distance:
    """`a` without `b`, the rim rounded."""
    return -_join(-a, b, width)


def head_distance(p: Points) -> Distance:
    """Signed distance of points (..., 3) to the neutral head, negative inside."""
    p = p.copy()
    p[..., 0] = np.abs(p[..., 0])
    d = _ellipsoid(p, (0, 36, -88), (74, 91, 95))  # skull
    d = _join(d, _ellipsoid(p, (0, -18, -98), (61, 52, 64)), 24)  # skull base
    d = _join(d, _ellipsoid(p, (0, 40, -52), (60, 54, 54)), 24)  # forehead
    d = _join(d, _ellipsoid(p, (0, -30, -62), (64, 77, 61)), 26)  # face
    d = _join(d, _capsule(p, (40, -62, -68), (13, -98, -21), 15, 13), 26)  # jaw
    d = _join(d, _ellipsoid(p, (0, -101, -13), (17, 14, 18)), 20)  # chin
    d = _join(d, _ellipsoid(p, (43, -22, -32), (20, 15, 22)), 22)  # cheekbone
    d = _join(d, _capsule(p, (56, -14, -46), (62, -10, -84), 6, 6), 20)  # zygomatic arch
    d = _join(d, _ellipsoid(p, (0, -64, -17), (24, 26, 29)), 24)  # muzzle
    d = _join(d, _ellipsoid(p, (33, -48, -25), (19, 24, 23)), 22)  # cheek
    d = _join(d, _capsule(p, (9, 17, -6), (46, 18, -26), 9.5, 9), 14)  # brow ridge
    d = _carve(d, _ellipsoid(p, (32, 0.5, 5), (19, 11.5, 18)), 10)  # eye socket
    d = _carve(d, _ellipsoid(p, (18.5, 3, 8), (6.5, 9, 12)), 9)  # its inner corner
    d = _join(d, _nose(p), 7)
    d = _join(d, _ellipsoid(p, EYE_CENTRE, (LID_RADIUS,) * 3), 5)  # closed lids over the eyeball
    return _join(d, _neck(p), 24)


def _nose(p: Points) -> Distance:
    d = _capsule(p, (0, 12, -5), (0, -12, 6.5), 7.4, 7.2)
    d = _join(d, _capsule(p, (0, -8, 6.0), (0, -28, 19), 7.0, 8.0), 6)
    d = _join(d, _ellipsoid(p, (0, -31, 21.5), (9.2, 8.2, 9.2)), 6)  # tip
    d = _join(d, _ellipsoid(p, (0, -29, 8), (11, 12, 12)), 6)  # inside
    d = _join(d, _ellipsoid(p, (11.2, -35.2, 10.0), (6.2, 6.4, 10)), 5)  # wing
    d = _join(d, _capsule(p, (0, -36.5, 20), (0, -42, 12), 3.8, 4.5), 5)  # column between the nostrils
    return _join(d, _capsule(p, (5, -12, 4), (13, -32, 3), 5, 5.5), 9)  # side wall


def _neck(p: Points) -> Distance:
    """An elliptic column that leans forward as it rises and widens at its base."""
    y = p[..., 1]
    lean = np.clip((y + 190) / 130, -0.6, 1)
    widen = np.clip((-150 - y) / 60, 0, 1.5) ** 2
    z = p[..., 2] + 112 - 14 * lean
    q = np.stack([p[..., 0] / (54 + 14 * widen), z / (55 + 10 * widen)], axis=-1)
    end = np.maximum(y + 75, 0)  # it ends under the skull
    d = np.asarray((np.linalg.norm(q, axis=-1) - 1) * 54 + 0.004 * end * end)
    d = _join(d, _capsule(p, (45, -88, -100), (16, -162, -65), 9, 5), 10)  # muscle from ear to breastbone
    return _join(d, _ellipsoid(p, (0, -138, -58), (7, 9, 8)), 12)  # larynx


def torso_distance(p: Points) -> Distance:
    """Signed distance of points (..., 3) to the clothed shoulders and chest, negative inside."""
    p = p.copy()
    p[..., 0] = np.abs(p[..., 0])
    d = _ellipsoid(p, (0, -362, -112), (178, 190, 98))
    d = _join(d, _ellipsoid(p, (165, -282, -120), (58, 60, 58)), 50)
    d = _join(d, _capsule(p, (0, -188, -118), (150, -248, -122), 62, 44), 40)
    return _join(d, _capsule(p, (0, -130, -106), (0, -205, -112), 57, 68), 26)
