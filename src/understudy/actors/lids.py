"""The eyelids: skin that slides up and down the closed eye."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import ramp
from understudy.actors.lattice import EYE_CORNERS, lattice
from understudy.actors.vector import Floats

_REACH_UP, _REACH_DOWN = 0.29, 0.15  # radians of elevation over which the skin follows the margin
_MARGIN_DEPTHS = (0.7, 2.4)  # millimetres that the rows of the margin lie inside its edge
_SAG = np.deg2rad(2.2)  # of the line on which the lids meet, below the line through the corners


@dataclass(frozen=True)
class Aperture:
    """Heights of the open lids over the line through the corners, in millimetres on an average head."""

    upper: float = 4.6
    lower: float = 4.0


@dataclass(frozen=True, eq=False)
class _Eye:
    columns: NDArray[np.intp]  # (K,)
    across: Floats  # (K,) 0 at the inner corner, 1 at the outer


@cache
def _eye(side: int) -> _Eye:
    """The columns that cross the left (-1) or right (1) eye of the image."""
    inner, outer = EYE_CORNERS
    across = (side * lattice().azimuth - inner) / (outer - inner)
    columns = np.flatnonzero((across > 0) & (across < 1))
    return _Eye(columns, across[columns].astype(np.float32))


def eye_columns(side: int) -> NDArray[np.intp]:
    """Columns between the corners of the left (-1) or right (1) eye of the image, from left to right."""
    return _eye(side).columns


def slide(head: Floats, side: int, aperture: Aperture, *, blink: float, widen: float, droop: float) -> None:
    """Open the lids of one eye of a head whose eyes are closed, in place.

    Args:
        head: (R, C, 3).
        side: -1 or 1, the image's left or right eye.
        aperture: how far the lids stand open at rest.
        blink: 0 open .. 1 closed.
        widen: 0 .. 1, how far the upper lid is drawn up beyond rest.
        droop: -1 .. 1, how far both lids follow the gaze down.
    """
    net, eye = lattice(), _eye(side)
    t = eye.across
    blink = min(1.0, 1.06 * blink)
    sag = _SAG * 4 * t * (1 - t)
    upper_shape = (t**0.5) * (1 - t) ** 0.58 / 0.474
    lower_shape = (t**0.75) * (1 - t) ** 0.52 / 0.423
    lift = aperture.upper + 1.9 * widen - 1.6 * droop
    drop = aperture.lower + 0.5 * widen + 0.7 * droop
    up = np.maximum((lift / 76) * upper_shape + sag, 0) * (1 - blink)
    down = np.maximum((drop / 76) * lower_shape - sag, 0) * (1 - blink)

    elevation = net.elevation
    rows_up = np.flatnonzero((elevation >= 0) & (elevation < _REACH_UP) & (np.arange(len(elevation)) <= net.eyes.upper))
    rows_down = np.flatnonzero(
        (elevation <= 0) & (elevation > -_REACH_DOWN) & (np.arange(len(elevation)) >= net.eyes.lower)
    )
    closed = head[:, eye.columns]  # (R, K, 3)
    above = np.arange(rows_up[0] - 1, net.eyes.upper + 1)
    below = np.arange(net.eyes.lower, rows_down[-1] + 2)
    for rows, path, reach, angle, sign, power in (
        (rows_up, above, _REACH_UP, up, 1, 1.5),
        (rows_down, below, _REACH_DOWN, down, -1, 1.7),
    ):
        rest = np.abs(elevation[rows])[:, None]  # (n, 1)
        target = rest + angle * (1 - rest / reach) ** power  # (n, K)
        place = np.interp(sign * target, elevation[path][::-1], path[::-1])
        first = np.clip(np.floor(place).astype(np.intp), path[0], path[-1] - 1)
        share = (place - first)[..., None].astype(np.float32)
        column = np.arange(len(t))[None]
        head[rows[:, None], eye.columns[None]] = closed[first, column] * (1 - share) + closed[first + 1, column] * share


def seat(head: Floats, side: int, centre: Floats, radius: float) -> None:
    """Keep the lids outside the eyeball and turn their margins inwards, in place.

    Args:
        head: (R, C, 3) with the lids where they shall be.
        side: -1 or 1.
        centre: (3,) of the eyeball.
        radius: of the eyeball, millimetres.
    """
    net, eye = lattice(), _eye(side)
    top, bottom = net.eyes.upper - 30, net.eyes.lower + 14
    window = head[top : bottom + 1, eye.columns]
    ray = window - centre
    distance = np.sqrt(np.einsum("...i,...i", ray, ray))
    least = np.float32(radius + 1.0)
    near = np.exp(-((net.elevation[top : bottom + 1] / 0.07) ** 2))[:, None]
    outside = np.maximum(distance, least)
    outside -= near * np.maximum(outside - np.float32(radius + 1.3), 0)
    head[top : bottom + 1, eye.columns] = centre + ray * (outside / distance)[..., None]
    inside = np.sqrt(ramp(eye.across, 0, 0.12) * ramp(eye.across, 1, 0.9))
    for margin, step in ((net.eyes.upper, 1), (net.eyes.lower, -1)):
        edge = head[margin, eye.columns]
        inward = centre - edge
        inward /= np.linalg.norm(inward, axis=-1, keepdims=True)
        for count, depth in enumerate(_MARGIN_DEPTHS, start=1):
            head[margin + step * count, eye.columns] = edge + inward * (depth * inside)[:, None]
