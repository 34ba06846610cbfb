"""A membrane: the smoothest picture that is held by springs where values are known, solved by full multigrid."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_LOOSEST = 1e-4  # The least share of its neighbours in a bound pixel; zero would take an infinite spring.
_CYCLES = 2
_SWEEPS = 2
_COARSEST = 8  # pixels
# The nine-point Laplacian's mean of a pixel's neighbours; unlike the mean of four, it settles checkerboards too.
_NEIGHBOURS = np.array([[1, 4, 1], [4, 0, 4], [1, 4, 1]], np.float32) / 20


def membrane(values: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """Span a membrane over the pixels with `inside` = 1 that is held by `values` around them.

    Each pixel satisfies c = inside * mean of its neighbours + (1 - inside) * values.

    Args:
        values: (H, W, C) float32; those where `inside` is 1 have no influence.
        inside: (H, W), 0..1.

    Returns:
        (H, W, C) float32.
    """
    return span(values, np.asarray(1 / np.maximum(inside, np.float32(_LOOSEST)) - 1, np.float32))


def span(values: NDArray[np.float32], spring: NDArray[np.float32]) -> NDArray[np.float32]:
    """Span a membrane that springs pull towards `values`.

    Args:
        values: (H, W, C) float32.
        spring: (H, W), not negative: the strength of each pixel's spring in units of the membrane's tension.

    Returns:
        (H, W, C) float32.
    """
    return _solve(spring, spring[..., None] * values)


def _solve(spring: NDArray[Any], pull: NDArray[Any]) -> NDArray[Any]:
    """Solve (1 + spring) * c - mean of neighbours(c) = pull, starting from the coarser grid's solution."""
    if min(spring.shape) <= _COARSEST:
        return _relax(np.zeros_like(pull), spring, pull, sweeps=_COARSEST * _COARSEST)
    solution = _enlarge(_solve(*_coarser(spring, pull)), spring.shape)
    for _ in range(_CYCLES):
        solution = _cycle(solution, spring, pull)
    return solution


def _cycle(solution: NDArray[Any], spring: NDArray[Any], pull: NDArray[Any]) -> NDArray[Any]:
    """One V-cycle."""
    if min(spring.shape) <= _COARSEST:
        return _relax(solution, spring, pull, sweeps=_COARSEST * _COARSEST)
    solution = _relax(solution, spring, pull)
    missing = pull + _mean_of_neighbours(solution) - (1.0 + spring)[..., None] * solution
    spring_coarse, missing_coarse = _coarser(spring, missing)
    correction = _cycle(np.zeros_like(missing_coarse), spring_coarse, missing_coarse)
    return _relax(solution + _enlarge(correction, spring.shape), spring, pull)


def _relax(solution: NDArray[Any], spring: NDArray[Any], pull: NDArray[Any], sweeps: int = _SWEEPS) -> NDArray[Any]:
    give = 1.0 / (1.0 + spring)[..., None]
    for _ in range(sweeps):
        solution = (_mean_of_neighbours(solution) + pull) * give
    return solution


def _mean_of_neighbours(image: NDArray[Any]) -> NDArray[Any]:
    return cv2.filter2D(image, -1, _NEIGHBOURS, borderType=cv2.BORDER_REPLICATE).reshape(image.shape)


def _coarser(spring: NDArray[Any], pull: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same with pixels twice as large: beside the tension between them, all else counts four times as much."""
    height, width = spring.shape
    size = ((width + 1) // 2, (height + 1) // 2)
    coarse: NDArray[Any] = cv2.resize(pull, size, interpolation=cv2.INTER_AREA) * 4.0
    return cv2.resize(spring, size, interpolation=cv2.INTER_AREA) * 4.0, coarse.reshape(size[1], size[0], -1)


def _enlarge(image: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    return cv2.resize(image, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR).reshape(*shape, -1)
