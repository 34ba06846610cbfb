"""Who a swapped face is taken for: the closest of some performers in the same place, pose and light."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.perceptual import perceptual_distance


@dataclass(frozen=True, eq=False)
class Likeness:
    """How near a result is to each candidate in K frames.

    Attributes:
        distances: (C, K) perceptual, src first; NaN where a mask is empty.
    """

    distances: NDArray[np.float64]

    @property
    def ranks(self) -> NDArray[np.float64]:
        """(K,) 1: src is the closest; C: every other one is closer."""
        closer = (self.distances[1:] < self.distances[0]).sum(axis=0)
        return np.where(np.isfinite(self.distances[0]), 1.0 + closer, np.nan)

    @property
    def margins(self) -> NDArray[np.float64]:
        """(K,) from -1, the result is somebody else, over 0, it is as close to another as to src, to 1, it is src."""
        own, other = self.distances[0], self.distances[1:].min(axis=0)
        return np.asarray((other - own) / np.maximum(other + own, 1e-12))


def likeness(views: NDArray[np.uint8], candidates: NDArray[np.uint8], masks: NDArray[np.floating[Any]]) -> Likeness:
    """Compare aligned faces with each candidate's in the same frames.

    Args:
        views: (K, V, V, 3) of the result.
        candidates: (C, K, V, V, 3), src first, at least two.
        masks: (K, V, V), the same for all of them.
    """
    count, frames = candidates.shape[:2]

    def distance(pair: tuple[int, int]) -> float:
        c, k = pair
        return perceptual_distance(views[k], candidates[c, k], masks[k]) if masks[k].any() else math.nan

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(distance, np.ndindex(count, frames)))
    return Likeness(np.array(found).reshape(count, frames))
