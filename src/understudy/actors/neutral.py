"""The neutral head as a mesh, eyes and mouth closed: the solid traced through the lattice, with lips."""

from functools import cache

import numpy as np

from understudy.actors.field import bump, ramp
from understudy.actors.lattice import EYE_CORNERS, FOCUS, MOUTH_CORNER, Lattice, lattice
from understudy.actors.solids import head_distance
from understudy.actors.tracing import trace
from understudy.actors.vector import Floats, vector


@cache
def neutral_head() -> Floats:
    """Positions (R, C, 3) of the net's vertices on the neutral head."""
    net = lattice()
    half = net.azimuth >= 0
    origin, direction = _rays(net, net.azimuth[half])
    right = trace(head_distance, origin, direction)
    right[:, 0, 0] = 0
    mirrored = right[:, :0:-1] * vector(-1, 1, 1)
    head = np.concatenate([mirrored, right], axis=1)
    return _with_lips(net, head)


def _rays(net: Lattice, azimuth: Floats) -> tuple[Floats, Floats]:
    behind = ramp(np.abs(azimuth), 0.9, 2.6)
    elevation = net.elevation[:, None] * np.ones_like(azimuth)  # (R, C)
    # The jaw's underside ends higher at the nape than at the throat.
    elevation = np.where(elevation < 0, elevation * (1 - 0.10 * behind), elevation)
    elevation = elevation + _eye_line(net, azimuth) + _mouth_line(net, azimuth)
    horizontal = np.stack([np.sin(azimuth), 0 * azimuth, np.cos(azimuth)], axis=-1)  # (C, 3)
    up = vector(0, 1, 0)
    direction = horizontal * np.cos(elevation)[..., None] + up * np.sin(elevation)[..., None]
    origin = np.broadcast_to(FOCUS, direction.shape).copy()
    neck = np.isfinite(net.neck)
    direction[neck] = horizontal
    origin[neck] = vector(0, 0, -106) + net.neck[neck, None, None] * up
    return origin.astype(np.float32), direction.astype(np.float32)


def _eye_line(net: Lattice, azimuth: Floats) -> Floats:
    """(R, C) elevation to add, so that the eye slit follows the line on which the lids meet."""
    inner, outer = EYE_CORNERS
    t = np.clip((azimuth - inner) / (outer - inner), -0.4, 1.4)
    inside = np.clip(t, 0, 1)
    line = np.deg2rad(-1.7 + 1.7 * inside) - np.deg2rad(2.2) * 4 * inside * (1 - inside)  # at the slit, (C,)
    fade = ramp(t, -0.4, 0) * (1 - ramp(t, 1, 1.4))
    reach = np.exp(-((net.elevation / 0.16) ** 2))[:, None]
    return np.asarray(np.nan_to_num(reach * (line * fade)[None]), np.float32)


def _mouth_line(net: Lattice, azimuth: Floats) -> Floats:
    """(R, C) elevation to add, so that the mouth is level although the lips stand forward."""
    slit = net.elevation[net.mouth.upper]
    reach = np.exp(-(((net.elevation - slit) / 0.2) ** 2))[:, None]
    return np.asarray(np.nan_to_num(reach * np.deg2rad(2.5) * bump(azimuth, 0, 0.23)[None]), np.float32)


def _with_lips(net: Lattice, head: Floats) -> Floats:
    """Shape the lips, the groove above them and the crease below, and turn the rows of the slit inwards."""
    head = head.copy()
    x, y = head[..., 0], head[..., 1]
    slit = head[net.mouth.upper, :, 1]  # (C,)
    corner = abs(float(np.interp(MOUTH_CORNER, net.azimuth, head[net.mouth.upper, :, 0])))
    across = np.clip(np.abs(x) / corner, 0, 1)
    round_off = np.maximum(1 - across**2, 0)
    tall, deep = _lip_border(x, round_off)
    front = (np.abs(net.azimuth) < 0.9)[None] & (y > -112) & (y < -30)
    s = y - slit[None]

    upper, lower = np.clip(s / tall, 0, 1), np.clip(-s / deep, 0, 1)
    above, below = s >= 0, s <= 0
    z = 4.6 * round_off * np.exp(-((s / 15) ** 2))  # the whole mouth stands forward
    z += above * 5.6 * round_off**0.6 * upper**0.6 * (1 - upper) ** 1.1
    z += below * 7.2 * round_off**0.6 * lower**0.6 * (1 - lower) ** 1.1
    z += above * 0.9 * bump(x, 0, 4) * bump(s, 2.2, 2.5)  # tubercle
    z += (1.1 * bump(np.abs(x), 5.2, 2.6) - 0.7 * bump(x, 0, 2.8)) * bump(s, 11, 6)  # philtrum
    z -= 2.6 * bump(x, 0, 17) * bump(s, -14.5, 4)  # crease above the chin
    z -= 1.0 * bump(np.abs(x), corner + 1.5, 3.5) * bump(s, 0, 4)  # dimple of the corners
    head[..., 2] += np.where(front, z, 0)

    gap = np.sqrt(round_off[net.mouth.upper]) * (np.abs(net.azimuth) < 0.9)
    # Beside its corners the mouth goes on as a closed pocket, so that nothing is seen past them when they are drawn.
    pocket = np.maximum(gap, ramp(np.abs(net.azimuth), 1.5 * MOUTH_CORNER, MOUTH_CORNER))
    for step, (back, apart) in enumerate(((1.6, 0.1), (4.0, 0.8), (7.5, 2.5), (10.5, 5.0), (12.5, 8.0)), start=1):
        for row, sign in ((net.mouth.upper + step, 1), (net.mouth.lower - step, -1)):
            head[row] = head[net.mouth.upper]
            head[row, :, 1] += sign * apart * gap
            head[row, :, 2] -= back * pocket
    return _with_nostrils(head)


def _lip_border(x: Floats, round_off: Floats) -> tuple[Floats, Floats]:
    """Millimetres that the red of the upper and of the lower lip reaches from the slit."""
    bow = 1 + 0.16 * bump(np.abs(x), 5.5, 3.2) - 0.16 * bump(x, 0, 2.6)
    return 7.6 * bow * round_off**0.7 + 1e-3, 9.8 * round_off**0.6 + 1e-3


@cache
def lip_height() -> Floats:
    """(R, C) distance of each vertex from the mouth's slit, as a share of the red of its lip: 1 at the border."""
    net, head = lattice(), neutral_head()
    slit = head[net.mouth.upper]
    corner = float(np.interp(MOUTH_CORNER, net.azimuth, slit[:, 0]))
    x = head[..., 0]
    tall, deep = _lip_border(x, np.maximum(1 - (x / corner) ** 2, 0))
    s = head[..., 1] - slit[None, :, 1]
    height = np.where(s >= 0, s / tall, -s / deep)
    height = np.where(np.abs(x) < corner, np.minimum(height, 9), 9)
    pocket = np.flatnonzero(np.abs(net.azimuth) < 1.25 * MOUTH_CORNER)
    height[net.mouth.upper + 1 : net.mouth.lower, pocket] = 0
    return height.astype(np.float32)


def _with_nostrils(head: Floats) -> Floats:
    near = np.linalg.norm((np.abs(head * [1, 0, 0]) + head * [0, 1, 1] - [6.6, -41.0, 15.0]) / [3.3, 3.2, 5.0], axis=-1)
    depth = np.exp(-(near**2))
    head[..., 1] += 4.5 * depth
    head[..., 2] -= 1.0 * depth
    return head
