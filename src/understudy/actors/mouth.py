"""The inside of the mouth: teeth, gums, tongue and the dark behind them."""

from functools import cache

import numpy as np

from understudy.actors.field import bump, ramp
from understudy.actors.vector import Floats, vector

_WIDTHS = np.array([8.6, 6.6, 7.8, 7.0, 6.9, 10.0, 9.5])  # of the teeth from the middle, millimetres along the arch
_LOWER_WIDTHS = np.array([5.4, 6.0, 6.9, 7.0, 7.2, 11.0, 10.0])
_LENGTHS = np.array([10.4, 9.8, 10.3, 9.2, 8.6, 8.0, 7.4])
_LOWER_LENGTHS = np.array([8.6, 8.7, 9.0, 8.5, 8.0, 7.6, 7.2])
_GUM = vector(0.42, 0.13, 0.12)
_TONGUE = vector(0.42, 0.12, 0.11)
_DARK = vector(0.16, 0.035, 0.03)


@cache
def teeth(*, upper: bool) -> tuple[Floats, Floats]:
    """Points (R, C, 3) of one row of teeth with its gum, and how much of each point is tooth (R, C)."""
    widths, lengths = (_WIDTHS, _LENGTHS) if upper else (_LOWER_WIDTHS, _LOWER_LENGTHS)
    ends = np.concatenate([[0], np.cumsum(widths)])
    along = np.linspace(-ends[-1], ends[-1], 281)
    distance = np.abs(along)
    tooth = np.clip(np.searchsorted(ends, distance, side="right") - 1, 0, len(widths) - 1)
    inside = (distance - ends[tooth]) / widths[tooth] * 2 - 1  # -1 .. 1 across the tooth
    arch = np.linspace(-0.995, 0.995, 400)
    x, z = 25.5 * arch, -34 * np.abs(arch) ** 2.5
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    place = np.clip((along - along[0]) / (along[-1] - along[0]), 0, 1) * length[-1]
    x, z = np.interp(place, length, x), np.interp(place, length, z)
    outward = np.stack([-np.gradient(z), np.gradient(x)], axis=-1)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
    v = np.linspace(0, 1, 19)[:, None]  # 0 at the top of the gum, 1 at the cutting edge and then behind it
    edge = 0.78
    down = np.clip(v / edge, 0, 1)
    rounded = np.abs(inside[None]) ** 3.2
    tooth_length = lengths[tooth] - 0.6 * rounded[0]
    gum_height = 7.0
    y = -(gum_height + tooth_length[None]) * down + 2.2 * np.clip((v - edge) / (1 - edge), 0, 1)
    bulge = np.where(down < 0.4, 0.6 * ramp(down, 0.0, 0.4), 0.6 - 1.3 * ramp(down, 0.4, 1.0))
    depth = bulge - 0.5 * rounded * ramp(down, 0.3, 0.5) - 4.0 * np.clip((v - edge) / (1 - edge), 0, 1) ** 0.6
    points = np.stack(
        np.broadcast_arrays(x + outward[:, 0] * depth, y + gum_height + lengths[0], z + outward[:, 1] * depth), axis=-1
    )
    scallop = gum_height / (gum_height + tooth_length) + 0.05 * (rounded[0] - 0.5)
    enamel = ramp(down - scallop[None], -0.02, 0.02) * (1 - 0.45 * rounded**3)
    if upper:
        points += [0, -69.2, 6.0]  # the cutting edges hang a little below the lips' meeting line
    else:
        points = points * [1, -1, 1] * [0.93, 1, 0.97] + [0, -66.0, 2.6]
        points, enamel = points[::-1], enamel[::-1]
    return points.astype(np.float32), enamel.astype(np.float32)


def teeth_albedo(enamel: Floats, *, upper: bool, ivory: Floats) -> Floats:
    """Linear RGB (R, C, 3)."""
    rows = np.linspace(0, 1, enamel.shape[0])[:, None]
    to_edge = rows if upper else 1 - rows
    tint = vector(1, 0.93, 0.80) * (1 - 0.6 * to_edge[..., None]) + vector(1, 1, 1) * 0.6 * to_edge[..., None]
    return np.asarray(_GUM * (1 - enamel[..., None]) + ivory * tint * enamel[..., None], np.float32)


@cache
def tongue() -> tuple[Floats, Floats]:
    """Points (R, C, 3) and albedo (R, C, 3) of the tongue at rest."""
    u = np.linspace(-1, 1, 25)[None]
    v = np.linspace(0, 1, 25)[:, None]  # back to tip, then under it
    z = np.where(v < 0.8, -46 + 44 * v / 0.8, -2 - 6 * ramp(v, 0.8, 1.0))
    width = 18 * np.sqrt(np.clip(1.02 - np.abs((v - 0.3) / 0.75) ** 3.2, 0.02, 1))
    y = -78.0 + 4.0 * ramp(v, 0.75, 0.0) - 7 * ramp(v, 0.72, 1.0) - 1.3 * bump(u, 0, 0.14) - 3.5 * u**2
    points = np.stack(np.broadcast_arrays(u * width, y, z), axis=-1)
    albedo = np.broadcast_to(_TONGUE, points.shape) * (0.8 + 0.35 * ramp(v, 0.2, 0.9))[..., None]
    return points.astype(np.float32), albedo.astype(np.float32)


@cache
def cavity() -> tuple[Floats, Floats, Floats]:
    """Points (R, C, 3), albedo, and share in the jaw's turn (R, C) of the bag behind the lips."""
    around = np.linspace(0, 2 * np.pi, 41)[None]
    deep = np.linspace(0, 1, 13)[:, None]
    ring = np.cos(deep * np.pi / 2) ** 0.45
    x = 29 * ring * np.cos(around) * (1 - 0.1 * (1 - deep))
    y = -66.5 - 19 * ring * np.sin(around)
    z = 2.0 - 17 * (np.cos(around) ** 2) * ring * (1 - deep) - 62 * deep
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    albedo = np.broadcast_to(_DARK, points.shape) * (1.6 - 1.3 * deep)[..., None]
    return points.astype(np.float32), albedo.astype(np.float32), ramp(np.sin(around) * ring, -0.6, 0.6)


def held_by_corners(points: Floats, corner: Floats) -> Floats:
    """The bag's `points` with its rim behind the corners of the lips, wherever an expression draws them.

    Args:
        points: (R, C, 3) of the `cavity` of a mouth at rest.
        corner: (3,) the corner of the mouth on the image's right, x the half width of the mouth.
    """
    beside = np.abs(points[..., 0]) / np.abs(points[..., 0]).max()
    rim = beside**10 * np.linspace(1, 0, points.shape[0])[:, None]
    wider = np.maximum((corner[0] + 3) / np.abs(points[..., 0]).max(), 1)
    forward = corner[2] - 8 - points[0, :, 2].min()
    lift = max(float(corner[1] - points[0, :, 1].mean()), 0.0)
    held = points * np.stack(np.broadcast_arrays(1 + (wider - 1) * beside**4, 1, 1), axis=-1)
    held[..., 1] += lift * beside
    held[..., 2] += forward * rim
    return np.asarray(held, np.float32)
