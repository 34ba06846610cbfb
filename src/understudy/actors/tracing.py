"""From a solid to the points on its surface."""

from collections.abc import Callable

import numpy as np

from understudy.actors.vector import Floats

_STEPS = 26


def trace(distance: Callable[[Floats], Floats], origin: Floats, direction: Floats, *, start: float = 25.0) -> Floats:
    """Walk from inside a solid along unit rays (..., 3) to its surface.

    Args:
        distance: signed distance of points, negative inside.
        start: millimetres along the rays that are surely inside.
    """
    length = np.full(origin.shape[:-1], start, np.float32)
    for _ in range(_STEPS):
        length -= 0.9 * distance(origin + length[..., None] * direction)
    return np.asarray(origin + length[..., None] * direction, np.float32)
