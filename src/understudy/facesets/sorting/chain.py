"""Greedy chains: each face is followed by the one most like it, or least like it, of those not yet placed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.facesets.sorting.likeness import Likeness
from understudy.facesets.sorting.neighbors import nearest
from understudy.project.progress import Progress

_NEIGHBORS = 32
_TICK = 256  # steps between two reports


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV to this thread: to wake others for every step costs more than they save."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


class _Remaining:
    """Faces not yet placed, packed together time and again so that looking through them costs less and less."""

    def __init__(self, faces: NDArray[Any], likeness: Likeness) -> None:
        self._all, self._likeness = faces, likeness
        self._is_left = np.ones(len(faces), bool)
        self._left = len(faces)
        self._ids = np.empty(0, np.intp)  # packed: all that are left, and up to a third more
        self._packed: NDArray[Any] | None = None

    def take(self, face: int) -> None:
        self._is_left[face] = False
        self._left -= 1

    def extreme(self, face: int, *, farthest: bool) -> int:
        """The face left that is nearest to, or farthest from, a given one; of equals the first."""
        if self._packed is None or self._left <= 3 / 4 * len(self._ids):
            self._ids = np.flatnonzero(self._is_left)
            self._packed = self._likeness.packed(self._all[self._ids])
        distance = self._likeness.distances(self._all[face], self._packed)
        distance[~self._is_left[self._ids]] = -np.inf if farthest else np.inf
        return int(self._ids[distance.argmax() if farthest else distance.argmin()])


@_one_thread()
def similar_chain(faces: NDArray[Any], likeness: Likeness, progress: Progress) -> NDArray[np.intp]:
    """Order in which each face is followed by the most similar one left, from the first face on.

    A face whose known neighbors are all placed looks through all that are left, so that up to 2048 faces the chain
    is the exact one, and beyond it is as good as `nearest`.

    Args:
        faces: (n, ...) descriptors.

    Returns:
        (n,) a permutation.
    """
    count = len(faces)
    progress.begin("finding similar faces", None)
    near = _ranked(faces, nearest(likeness.vectors(faces), min(_NEIGHBORS, count)), likeness)
    left, placed = _Remaining(faces, likeness), np.zeros(count, bool)
    order = np.zeros(count, np.intp)
    progress.begin("lining up", count)
    for step in range(1, count):
        current = order[step - 1]
        left.take(current)
        placed[current] = True
        free = near[current][~placed[near[current]]]
        order[step] = free[0] if len(free) else left.extreme(int(current), farthest=False)
        if step % _TICK == 0:
            progress.advance(_TICK)
    return order


@_one_thread()
def dissimilar_chain(faces: NDArray[Any], likeness: Likeness, progress: Progress) -> NDArray[np.intp]:
    """Order in which each face is followed by the least similar one left, from the first face on; (n,)."""
    count = len(faces)
    left, order = _Remaining(faces, likeness), np.zeros(count, np.intp)
    progress.begin("lining up", count)
    for step in range(1, count):
        left.take(int(order[step - 1]))
        order[step] = left.extreme(int(order[step - 1]), farthest=True)
        if step % _TICK == 0:
            progress.advance(_TICK)
    return order


def _ranked(faces: NDArray[Any], near: NDArray[np.intp], likeness: Likeness) -> NDArray[np.intp]:
    """Neighbors by the true distance, of equals the first face first."""
    ranked = np.sort(near, axis=1)
    for at, row in enumerate(ranked):
        distance = likeness.distances(faces[at], likeness.packed(faces[row]))
        ranked[at] = row[np.argsort(distance, kind="stable")]
    return ranked
