"""The nearest of many vectors, found approximately where there are too many to compare all with all."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

EXACT = 2048  # vectors up to which all are compared with all
_EFFORT = 96  # candidates that the graph search follows: 99 of 100 neighbors found among 20,000 faces


def nearest(vectors: NDArray[np.float16], count: int) -> NDArray[np.intp]:
    """Indices of the nearest other vectors by Euclidean distance, from near to far.

    Up to 2048 vectors exactly; more through a navigable small-world graph (Malkov and Yashunin, IEEE Trans. PAMI 42(4),
    2020), as the `usearch` library has it. Equal vectors give equal answers: the graph is built on one thread.

    Args:
        vectors: (n, d).
        count: neighbors of each; fewer where there are not so many.

    Returns:
        (n, min(count, n - 1)).
    """
    n, d = vectors.shape
    count = min(count, n - 1)
    if count < 1:
        return np.empty((n, 0), np.intp)
    if n <= EXACT:
        return _without_self(_all_pairs(vectors.astype(np.float32), count + 1))
    from usearch.index import Index

    graph = Index(ndim=d, metric="l2sq", dtype="f16", expansion_add=_EFFORT, expansion_search=_EFFORT)
    graph.add(np.arange(n), vectors, threads=1)
    found: Any = graph.search(vectors, count + 1, threads=os.cpu_count() or 1)
    return _without_self(np.asarray(found.keys).astype(np.intp))


def _all_pairs(vectors: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    square = np.einsum("nd,nd->n", vectors, vectors)
    distance = square - 2 * vectors @ vectors.T  # (n, n), but for a constant of each row
    np.fill_diagonal(distance, -np.inf)
    return np.argsort(distance, axis=1, kind="stable")[:, :count]


def _without_self(found: NDArray[np.intp]) -> NDArray[np.intp]:
    """Leave the vector itself out of its neighbors, or the last one where equal vectors hid it."""
    own = found == np.arange(len(found))[:, None]
    own[~own.any(axis=1), -1] = True
    others: NDArray[np.intp] = found[~own].reshape(len(found), -1)
    return others
