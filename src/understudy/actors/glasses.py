"""Spectacles."""

import numpy as np

from understudy.actors.identity import GlassesStyle
from understudy.actors.tube import tube
from understudy.actors.vector import Floats


def glasses(style: GlassesStyle) -> list[Floats]:
    """The frame's tubes, each (R, C, 3), in neutral head coordinates; empty for "none"."""
    if style == "none":
        return []
    around = np.linspace(0, 2 * np.pi, 57)[:-1]
    if style == "round":
        x, y, thick = 22.5 * np.cos(around), 20.5 * np.sin(around), 1.15
    else:
        power = 0.42  # of a superellipse
        x = 26 * np.sign(np.cos(around)) * np.abs(np.cos(around)) ** power
        y = 17.5 * np.sign(np.sin(around)) * np.abs(np.sin(around)) ** power
        x = x * (1 + 0.06 * np.sin(around))
        thick = 1.9
    tubes = []
    for side in (-1, 1):
        cx = side * 33.0
        rim = np.stack([cx + side * x, y - 2.5, 12.0 - 0.0052 * (cx + side * x) ** 2], axis=-1)
        tubes.append(tube(rim.astype(np.float32), thick, closed=True))
        hinge = np.array([side * (33 + np.max(x) + 0.5), 4.0, 12.0 - 0.0052 * (33 + np.max(x)) ** 2])
        temple = np.array(
            [hinge, [side * 66, 5, -18], [side * 73, 4, -50], [side * 75, 5, -86], [side * 73, -4, -106]], np.float32
        )
        t = np.linspace(0, 4, 24)
        temple = np.stack([np.interp(t, range(5), temple[:, k]) for k in range(3)], axis=-1)
        tubes.append(tube(temple.astype(np.float32), thick * 0.95, flat=1.25))
    t = np.linspace(-1, 1, 13)
    gap = 33 - np.max(x)
    bridge = np.stack([gap * t, 2.5 + 3.0 * (1 - t**2), 12.5 + 1.5 * (1 - t**2)], axis=-1)
    tubes.append(tube(bridge.astype(np.float32), thick))
    return tubes
