"""How unlike a face is to all others, and where a chain of like faces breaks, by colour."""

import numpy as np
from numpy.typing import NDArray

from understudy.project.progress import Progress

_BLOCK = 512
_SAMPLE = 4096  # others that stand for all in a larger set; the error of the mean is then below 2 % of its spread


def mean_unlikeness(colors: NDArray[np.float16], progress: Progress) -> NDArray[np.float64]:
    """Mean colour distance of each face from all others, as `ColorLikeness` has it.

    In a set of more than 4096 faces an even sample stands for the others.

    Args:
        colors: (n, 3, 256).

    Returns:
        (n,).
    """
    count = len(colors)
    sample = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).round().astype(int)) if count else np.arange(0)
    others = colors[sample].astype(np.float32)  # (m, 3, 256)
    total = np.zeros(count)
    progress.begin("comparing colours", count)
    for start in range(0, count, _BLOCK):
        block = colors[start : start + _BLOCK].astype(np.float32)
        for channel in range(colors.shape[1]):
            alike = block[:, channel] @ others[:, channel].T  # (b, m)
            alike[sample[None] == np.arange(start, start + len(block))[:, None]] = 1.0  # itself, but for rounding
            total[start : start + len(block)] += np.sqrt(np.maximum(0, 1 - alike)).sum(axis=1)
        progress.advance(len(block))
    itself = np.isin(np.arange(count), sample)
    mean: NDArray[np.float64] = total / np.maximum(1, len(sample) - itself)
    return mean


def likeness_groups(colors: NDArray[np.float16], chain: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Cut a chain where two neighbors are less alike than neighbors are on average, or twice that if any are."""
    if len(chain) < 2:
        return [chain]
    distance = np.zeros(len(chain) - 1)
    for start in range(0, len(distance), _BLOCK):
        rows = colors[chain[start : start + _BLOCK + 1]].astype(np.float32)
        alike = np.einsum("ncb,ncb->nc", rows[:-1], rows[1:])
        distance[start : start + _BLOCK] = np.sqrt(np.maximum(0, 1 - alike)).sum(axis=1)
    mean = distance.mean()
    limit = 2 * mean if 2 * mean < distance.max() else mean
    return np.split(chain, np.flatnonzero(distance >= limit) + 1)
