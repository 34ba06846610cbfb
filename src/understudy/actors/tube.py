"""Tubes along a path: spectacle frames, fingers, the stem of a microphone."""

import numpy as np

from understudy.actors.vector import Floats, unit, vector


def tube(path: Floats, radius: Floats | float, *, sides: int = 10, flat: float = 1.0, closed: bool = False) -> Floats:
    """Points (P, sides + 1, 3) of a tube around a path (P, 3).

    Args:
        radius: millimetres, one number or (P,).
        flat: height of the tube's section as a share of its depth.
        closed: whether the path returns to its start.
    """
    steps = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0) if closed else np.gradient(path, axis=0)
    tangent = unit(steps)
    helper = np.where(np.abs(tangent[:, 2:3]) < 0.9, vector(0, 0, 1), vector(0, 1, 0))
    first = unit(helper - np.einsum("ij,ij->i", helper, tangent)[:, None] * tangent)
    second = np.cross(tangent, first)
    around = np.linspace(0, 2 * np.pi, sides + 1, dtype=np.float32)
    ring = np.cos(around)[:, None] * first[:, None] + flat * np.sin(around)[:, None] * second[:, None]
    points = path[:, None] + ring * np.broadcast_to(np.float32(radius), (len(path),))[:, None, None]
    return np.asarray(np.concatenate([points, points[:1]]) if closed else points, np.float32)
