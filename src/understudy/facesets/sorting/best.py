"""The best faces: as many as wanted, spread over all directions, sharp, and unlike each other."""

import math
from collections import deque
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.facesets.sorting.likeness import ColorLikeness

YAW_BINS = 128
_YAW_EDGES = np.linspace(-1.2, 1.2, YAW_BINS)  # where landmarks of a flat picture can still be trusted
_CANDIDATES = 10  # times as many faces of a direction as are kept of it compete for their likeness

LESS_GOOD = "best faces: enough better ones look this way"
COVERED = "best faces: others like it cover this direction"


def best_faces(
    quality: NDArray[np.float64],
    yaw: NDArray[np.float64],
    pitch: NDArray[np.float64],
    colors: NDArray[np.float16],
    target: int,
) -> tuple[list[int], dict[int, str]]:
    """Choose exactly `target` faces, or all where there are fewer.

    Each of 128 yaw bins gives the same number, as far as it has so many; what a bin lacks the others give. Within a
    bin the ten times as many faces of the highest quality are spread over as many pitch bins, and taken round by
    round from the lowest pitch to the highest, each time the one whose colours are least like those of its cell.

    Args:
        quality: (n,) the higher the better.
        yaw, pitch: (n,) radians.
        colors: (n, 3, 256) see `Measures`.
        target: how many to keep.

    Returns:
        The chosen, from the nose towards the image's left edge to its right, and why each other one was not.
    """
    bins = np.clip(np.digitize(-yaw, _YAW_EDGES) - 1, 0, YAW_BINS - 1)
    quotas = level(np.bincount(bins, minlength=YAW_BINS), target)
    chosen: list[int] = []
    dropped: dict[int, str] = {}
    for number, quota in enumerate(quotas.tolist()):
        members = np.flatnonzero(bins == number)
        ranked = members[np.argsort(-quality[members], kind="stable")]
        candidates = ranked[: _CANDIDATES * quota]
        dropped.update(dict.fromkeys(ranked[_CANDIDATES * quota :].tolist(), LESS_GOOD))
        kept = _spread(candidates, pitch, colors, quota)
        chosen += kept
        dropped.update(dict.fromkeys(sorted(set(candidates.tolist()) - set(kept)), COVERED))
    return chosen, dropped


def level(available: NDArray[np.intp], total: int) -> NDArray[np.intp]:
    """How many each bin gives so that all give the same, as far as they have so many, and together exactly `total`.

    What remains after the last even round goes to bins spread evenly over those that have more.
    """
    total = min(max(total, 0), int(available.sum()))
    low, high = 0, int(available.max(initial=0))
    while low < high:  # the highest common quota that is not too much
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(available, middle).sum() <= total else (low, middle - 1)
    quotas = np.minimum(available, low)
    rest = total - int(quotas.sum())
    richer = np.flatnonzero(available > low)
    if rest:
        quotas[richer[((np.arange(rest) + 0.5) * len(richer) / rest).astype(int)]] += 1
    return quotas


def _spread(faces: NDArray[np.intp], pitch: NDArray[np.float64], colors: NDArray[Any], quota: int) -> list[int]:
    if quota == 0:
        return []
    edges = np.linspace(-math.pi / 2, math.pi / 2, quota)
    cells = np.clip(np.digitize(pitch[faces], edges) - 1, 0, quota - 1)
    rounds = cycle([deque(_least_alike_first(faces[cells == cell], colors)) for cell in np.unique(cells)])
    kept: list[int] = []
    while len(kept) < min(quota, len(faces)):
        if cell := next(rounds):
            kept.append(cell.popleft())
    return kept


def _least_alike_first(faces: NDArray[np.intp], colors: NDArray[Any]) -> list[int]:
    cell, likeness = colors[faces], ColorLikeness()
    packed = likeness.packed(cell)
    unlike = np.array([likeness.distances(face, packed).sum() for face in cell])
    return [int(face) for face in faces[np.argsort(-unlike, kind="stable")]]
