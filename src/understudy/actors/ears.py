"""The outer ears: a shell whose rim, fold, bowl and lobe are raised on an outline."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import bump, ramp

Floats = NDArray[np.float32]

_ROOT = np.float32([70.5, -8, -92])  # the ear canal
_RINGS, _SPOKES = 30, 61


@cache
def ear() -> Floats:
    """Points (R, C, 3) of the ear on the image's right of the neutral head: rings from the bowl over the rim to behind."""
    around = np.linspace(0, 2 * np.pi, _SPOKES)[None]  # 0 towards the back, then up
    ring = np.linspace(0, 1, _RINGS)[:, None]
    front_side = ring <= 0.72
    rho = np.where(front_side, ring / 0.72, 1 - (ring - 0.72) / 0.28 * 0.55)
    # The outline around the canal: high above, narrow in front, a lobe below.
    c, s = np.cos(around), np.sin(around)
    outline = 1 / np.sqrt((c / np.where(c > 0, 24, 8)) ** 2 + (s / np.where(s > 0, 34, 29)) ** 2)
    outline = outline * (1 - 0.10 * bump(np.mod(around, 2 * np.pi), 5.6, 0.45))
    back, up = c * outline * rho, s * outline * rho
    rim = bump(rho, 0.93, 0.085) * ramp(around, 5.3, 4.6) * (1 - 0.5 * bump(around, 3.1, 0.7))
    groove = bump(rho, 0.79, 0.07) * ramp(around, 4.7, 4.1) * ramp(around, 0.0, 0.3) * (1 - bump(around, 2.9, 0.8))
    fold = bump(rho, 0.63, 0.10) * ramp(around, 4.4, 3.9) * (1 - 0.8 * bump(around, 3.1, 0.9))
    tragus = bump(back, -5.5, 3.6) * bump(up, -1, 6.0)
    bowl = ramp(rho, 0.60, 0.30)
    lobe = bump(up, -25, 8) * bump(back, 0, 10)
    height = 3.4 * rim - 1.3 * groove + 3.0 * fold + 5.0 * tragus - 5.5 * bowl + 1.2 * lobe + 3.0 * rho**2
    thickness = np.where(front_side, 0, 5.0 * np.sin(np.clip((ring - 0.72) / 0.28, 0, 1) * np.pi / 2) ** 0.7)
    height = height * np.where(front_side, 1, 1 - np.clip((ring - 0.72) / 0.28, 0, 1)) - thickness
    # The ear stands off the head, more towards its back, and leans back.
    out = np.deg2rad(27)
    x = height * np.cos(out) + back * np.sin(out)
    z = -(back * np.cos(out) - height * np.sin(out))
    lean = np.deg2rad(13)
    y = up * np.cos(lean) + z * np.sin(lean) * -0.4
    z = z * np.cos(lean) - up * np.sin(lean)
    return (np.stack(np.broadcast_arrays(x, y, z), axis=-1) + _ROOT).astype(np.float32)


def ear_reddening() -> Floats:
    """(R, 1) how much blood shines through, 0..1."""
    ring = np.linspace(0, 1, _RINGS, dtype=np.float32)[:, None]
    return bump(ring, 0.66, 0.22)
