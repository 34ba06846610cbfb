"""The outer ears: a shell whose rim, fold, bowl and lobe are raised on an outline."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import bump, ramp
from understudy.actors.vector import Floats, vector

_ROOT = vector(75.5, -8, -91)  # the ear canal
_RINGS, _SPOKES = 40, 73
_TURN = 0.7  # share of the rings on the front of the ear
_STANDS_OFF, _LEANS = np.deg2rad(27), np.deg2rad(12)


@cache
def ear() -> Floats:
    """Points (R, C, 3) of the ear on the image's right of the neutral head: rings from the bowl to behind."""
    around = np.linspace(0, 2 * np.pi, _SPOKES)[None]  # from straight down over the back and the top to the front
    ring = np.linspace(0, 1, _RINGS)[:, None]
    front_side = ring <= _TURN
    inward = np.clip((ring - _TURN) / (1 - _TURN), 0, 1)  # along the back of the ear, to the skull
    rho = np.where(front_side, ring / _TURN, 1 - 0.5 * inward)
    down, back = np.cos(around), np.sin(around)
    outline = 1 / np.sqrt((back / np.where(back > 0, 24, 9)) ** 2 + (down / np.where(down > 0, 29, 35)) ** 2)
    outline = outline * (
        1 + 0.07 * bump(around, 2.3, 0.6) - 0.07 * bump(around, 0.75, 0.35) + 0.25 * bump(around, 4.2, 0.5)
    )
    along, up = back * outline * rho, -down * outline * rho

    def arc(start: float, end: float) -> NDArray[np.floating]:
        return ramp(around, start - 0.35, start + 0.35) * ramp(around, end + 0.35, end - 0.35)

    rim = bump(rho, 0.93, 0.09) * arc(0.85, 4.5)
    groove = bump(rho, 0.79, 0.075) * arc(1.0, 3.6)
    fold = bump(rho, 0.63 - 0.05 * bump(around, 2.9, 0.5), 0.10) * arc(0.55, 3.1)
    upper_bowl = bump(rho, 0.62, 0.12) * arc(3.3, 4.3)
    bowl = ramp(rho, 0.62, 0.25)
    tragus = bump(along, -6.5, 3.2) * bump(up, -3, 6.5)
    opposite = bump(along, 4.0, 4.0) * bump(up, -12.5, 3.5)
    lobe = bump(up, -24, 7) * bump(along, 1, 9)
    height = 3.6 * rim - 1.6 * groove + 3.4 * fold - 1.8 * upper_bowl - 6.0 * bowl
    height = height + 5.5 * tragus + 3.2 * opposite + 1.8 * lobe + 3.2 * rho**2
    edge = 3.2 + 3.6 * arc(0.85, 4.5)  # height of the rim itself, which the back starts from
    height = np.where(front_side, height, edge * (1 - inward) - 5.5 * np.sin(inward * np.pi / 2) ** 0.6 - 9 * inward**2)
    # The ear stands off the head, more towards its back, and leans back.
    c, s = np.cos(_STANDS_OFF), np.sin(_STANDS_OFF)
    x, z = height * c + along * s, height * s - along * c
    c, s = np.cos(_LEANS), np.sin(_LEANS)
    y, z = up * c + z * s, z * c - up * s
    return (np.stack(np.broadcast_arrays(x, y, z), axis=-1) + _ROOT).astype(np.float32)


def ear_reddening() -> Floats:
    """(R, 1) how much blood shines through, 0..1."""
    ring = np.linspace(0, 1, _RINGS, dtype=np.float32)[:, None]
    return bump(ring, 0.64, 0.2)
