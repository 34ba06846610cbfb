"""Where hair and beard grow, on the neutral head."""

import numpy as np

from understudy.actors.field import blob, mirror, path_distance, ramp
from understudy.actors.lattice import FOCUS
from understudy.actors.vector import Floats

_AZIMUTH = np.deg2rad([0, 14, 30, 42, 52, 61, 69, 74, 79, 82, 90, 104, 112, 122, 140, 180])
_HAIRLINE = np.deg2rad([40.5, 42, 43, 38, 30, 18, 5, -6, -6, 12, 17, 15, -8, -28, -42, -46])
_RECESS = np.deg2rad([5, 9, 17, 15, 9, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])  # of the farthest receded hairline

_CHEEK_LINE = ((64, 4, -50), (62, -30, -46), (50, -54, -22), (34, -60, -2), (30, -70, 2))
_JAW_LINE = ((66, -22, -62), (56, -66, -58), (40, -92, -34), (18, -112, -6), (0, -116, -2))


def scalp(points: Floats, recession: float) -> Floats:
    """Angle in radians by which points (..., 3) lie inside the hairline; negative outside.

    Args:
        recession: 0 for a full hairline, 1 for one far receded.
    """
    away = points - FOCUS
    azimuth = np.arctan2(np.abs(away[..., 0]), away[..., 2])
    elevation = np.arctan2(away[..., 1], np.hypot(away[..., 0], away[..., 2]))
    edge = np.interp(azimuth, _AZIMUTH, _HAIRLINE + recession * _RECESS)
    return np.asarray(elevation - edge, np.float32)


def beard_areas(points: Floats) -> dict[str, Floats]:
    """Density 0..1 (...) of each part of a beard at points (..., 3): `moustache`, `chin` and `cheeks`."""
    p = mirror(points)
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    moustache = ramp(x, 31, 25) * ramp(y, -74, -64) * ramp(y + 0.10 * x, -44.5, -49) * ramp(z, -12, -2)
    chin = blob(p, (0, -99, 2), (25, 15, 30)) * 1.9 + blob(p, (28, -80, -3), (8, 15, 16)) * 1.2
    chin = np.clip(chin, 0, 1) * ramp(y, -76, -82 + 0 * x) * ramp(y, -132, -120)
    chin = np.maximum(chin, 0.9 * blob(p, (0, -82, 10), (6, 6, 14)))
    chin = np.maximum(chin, blob(p, (29.5, -74, -2), (6, 14, 14)))
    jaw = path_distance(p, _JAW_LINE)
    below_cheek_line = ramp(_height_over(p, _CHEEK_LINE), 3, -6)
    cheeks = ramp(jaw, 46, 34) * below_cheek_line * ramp(z, -80, -66) * ramp(y, -140, -122) * ramp(x, 22, 34)
    under = ramp(y, -92, -104) * ramp(y, -140, -124) * ramp(z, -72, -50)
    return {
        "moustache": np.asarray(moustache, np.float32),
        "chin": np.asarray(np.clip(chin, 0, 1), np.float32),
        "cheeks": np.asarray(np.clip(np.maximum(cheeks, under), 0, 1), np.float32),
    }


def _height_over(p: Floats, line: tuple[tuple[float, float, float], ...]) -> Floats:
    """Millimetres that points lie over a line that falls towards the middle of the face."""
    table = np.array(line[::-1], np.float32)
    order = np.argsort(table[:, 2])
    return np.asarray(p[..., 1] - np.interp(p[..., 2], table[order, 2], table[order, 1]), np.float32)
