"""Neck base, shoulders and chest in a plain garment."""

from functools import cache

import numpy as np

from understudy.actors.solids import torso_distance
from understudy.actors.tracing import trace
from understudy.actors.vector import Floats, vector

_FOCUS = vector(0, -302, -112)


@cache
def torso() -> Floats:
    """Points (R, C, 3) in neutral head coordinates, from the collar down."""
    azimuth = np.linspace(-np.pi, np.pi, 97, dtype=np.float32)[None]
    elevation = np.deg2rad(np.linspace(66, -40, 44, dtype=np.float32))[:, None]
    direction = np.stack(
        np.broadcast_arrays(
            np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)
        ),
        axis=-1,
    ).astype(np.float32)
    points = trace(torso_distance, np.broadcast_to(_FOCUS, direction.shape), direction)
    collar = points[:1] * vector(0.985, 1, 1) + vector(0, 2.0, 0)
    tucked = collar + (vector(0, -158, -112) - collar) * vector(0.12, 0.25, 0.12)
    return np.concatenate([tucked, collar, points]).astype(np.float32)
