"""The loss curve as a strip of pixels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HUES = ((72, 148, 232), (232, 146, 62))
"""Colours of src's and dst's loss, RGB."""

_GRID = 48
_LINES = 4


def loss_chart(losses: Sequence[tuple[float, float]], *, width: int, height: int) -> NDArray[np.uint8]:
    """Src and dst losses over the iterations, (height, width, 3) RGB on black.

    Each column spans from the smallest to the largest of its losses. Full height is twice the mean of the last four
    fifths, since the first losses are many times the later ones.

    Args:
        losses: pairs of src and dst, evenly spread.
        width, height: pixels.
    """
    chart = np.zeros((height, width, 3), np.uint8)
    chart[np.linspace(0, height - 1, _LINES + 1).astype(int)] = _GRID
    if not losses:
        return chart
    values = np.asarray(losses, np.float64)  # (N, 2)
    full = 2 * values[len(values) // 5 :].mean() or 1.0
    edges = np.linspace(0, len(values), width + 1)
    for column in range(width):
        first = min(int(edges[column]), len(values) - 1)
        span = values[first : max(first + 1, int(np.ceil(edges[column + 1])))]
        for side, hue in enumerate(HUES):
            low, high = np.clip(span[:, side].min() / full, 0, 1), np.clip(span[:, side].max() / full, 0, 1)
            top, bottom = (round((1 - share) * (height - 1)) for share in (high, low))
            chart[top : bottom + 1, column] = hue
    return chart
