"""Which src faces cover dst best."""

import heapq

import numpy as np
from numpy.typing import NDArray

from understudy.facesets.coverage import Values, coverage_values
from understudy.facesets.faceset import Faceset
from understudy.facesets.sorting.best import best_faces
from understudy.project.errors import UnderstudyError

# Differences that weigh as much as each other, in the units of the axes.
_SCALES = {
    "yaw": 8.0,
    "pitch": 8.0,
    "mouth_open": 0.1,
    "eye_closure": 0.25,
    "gaze_x": 0.2,
    "gaze_y": 0.15,
    "brightness": 30.0,
    "hue": 15.0,
}
_SAMPLE = 4096  # dst faces that stand for all; those of neighboring frames are nearly the same
_NEIGHBORS = 64
_BLOCK = 64
_LEAST_QUALITY = 0.5  # of the least sharp src face, where the sharpest has 1

NOT_NEEDED = "select: others cover dst better"


def select_covering(src: Faceset, dst: Faceset, count: int) -> list[str]:
    """Choose `count` src faces that cover dst best, or all where there are fewer.

    Greedy maximisation of a sum over the dst faces of the square root of how much the chosen resemble each, which is
    submodular, so that the choice is within 1 - 1/e of the best (Nemhauser, Wolsey and Fisher, Mathematical
    Programming 14, 1978): each further face of a kind is worth less. A face resembles another by direction, expression
    and light, and counts for more when it is sharp. What resembles no dst face fills up, as `best_faces` chooses it.

    Returns:
        Names of src faces, the most useful first.

    Raises:
        UnderstudyError: one of the sets is empty, or the count is below 1.
    """
    if count < 1:
        raise UnderstudyError(f"{count} faces to select: choose at least 1")
    for faceset in (src, dst):
        if len(faceset) == 0:
            raise UnderstudyError(f"no faces in {faceset.folder}: run 'understudy extract' first")
    found = src.columns("yaw", "pitch", "sharpness", "detail")
    rank = np.empty(len(src))
    rank[np.lexsort((found["detail"], found["sharpness"]))] = np.linspace(_LEAST_QUALITY, 1.0, len(src))
    near, alike = _resemblance(_vectors(coverage_values(src)), _sampled(_vectors(coverage_values(dst))))
    chosen = _greedy(near, alike * rank[near], count)
    if (missing := min(count, len(src)) - len(chosen)) > 0:
        rest = np.setdiff1d(np.arange(len(src)), chosen)
        colors = src.index.pictures("colors", [src.names[at] for at in rest])
        more, _ = best_faces(rank[rest], found["yaw"][rest], found["pitch"][rest], colors, missing)
        chosen += rest[more].tolist()
    return [src.names[at] for at in chosen]


def _vectors(values: Values) -> NDArray[np.float32]:
    """(n, 8) in which a distance of 1 is a small difference; what is not known is in the middle."""
    columns = [np.nan_to_num(values[name] / scale, nan=0.0) for name, scale in _SCALES.items()]
    return np.stack(columns, axis=1).astype(np.float32)


def _sampled(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    places = np.unique(np.linspace(0, len(vectors) - 1, min(_SAMPLE, len(vectors))).round().astype(int))
    return np.asarray(vectors[places])


def _resemblance(src: NDArray[np.float32], dst: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For each dst face the nearest src faces, (m, k), and how much each resembles it, 0..1."""
    k = min(_NEIGHBORS, len(src))
    near = np.empty((len(dst), k), np.intp)
    alike = np.empty((len(dst), k))
    square = np.einsum("nd,nd->n", src, src)
    for start in range(0, len(dst), _BLOCK):
        block = dst[start : start + _BLOCK]
        distance = square - 2 * block @ src.T + np.einsum("nd,nd->n", block, block)[:, None]  # (b, n), squared
        nearest = np.argpartition(distance, k - 1, axis=1)[:, :k]
        near[start : start + _BLOCK] = nearest
        alike[start : start + _BLOCK] = np.exp(-np.maximum(0, np.take_along_axis(distance, nearest, axis=1)) / 8)
    return near, alike


def _greedy(near: NDArray[np.intp], worth: NDArray[np.float64], count: int) -> list[int]:
    """Lazy greedy choice: a face's gain only ever falls, so that most need not be computed again (Minoux, 1978)."""
    order = np.argsort(near, axis=None, kind="stable")
    candidates, starts = np.unique(near.ravel()[order], return_index=True)
    needs = np.split(order // near.shape[1], starts[1:])  # for each candidate, the dst faces that it resembles
    worths = np.split(worth.ravel()[order], starts[1:])
    covered = np.zeros(len(near))

    def gain(at: int) -> float:
        before = covered[needs[at]]
        return float(np.sum(np.sqrt(before + worths[at]) - np.sqrt(before)))

    heap = [(-gain(at), at) for at in range(len(candidates))]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < count:
        _, at = heapq.heappop(heap)
        now = gain(at)
        if heap and now < -heap[0][0]:
            heapq.heappush(heap, (-now, at))
        else:
            covered[needs[at]] += worths[at]
            chosen.append(int(candidates[at]))
    return chosen
