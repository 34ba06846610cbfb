"""Series in time, smoothed as far as their motion allows: over long windows where they keep still, short where not."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from understudy.faces.smoothing import Degree, window, window_weights

_GROWTH = 1.5  # from one window to the next
_CONFIDENCE = 4.0  # standard deviations that two windows may differ by before the longer one is taken to see motion
_SPIKE = 4.0  # standard deviations
_BLOCK = 512  # samples smoothed at once
_CHANGE = 3  # samples over which windows change their length

_ORDERS = (3, 5, 7)  # of differences
_BESIDE = [0, 1, 3, 4]
_EXACT = 1e-9  # arithmetic's own error

_Windows = Sequence[NDArray[np.float64]]


def smooth_adaptively(values: NDArray[np.float64], times: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """Smooth series by local regression over the longest window whose result agrees with those of all shorter ones.

    "Agrees" means within the noise, which is measured in the series themselves (Lepski's rule; Goldenshluger and
    Nemirovski, "On spatially adaptive estimation of nonparametric regression", 1997). What keeps still is averaged over
    the whole window; fast motion passes nearly as it was. Windows are symmetric: time has no direction.

    Args:
        values: (T, G, D): G series of D numbers that move together and have the same noise.
        times: (T,) seconds, rising.
        seconds: length of the longest window.

    Returns:
        (T, G, D).
    """
    if len(values) < 3:
        return values.copy()
    noise = _noise(values, times)  # (G,)
    calm = _without_spikes(values, times, noise)
    plans = _plans(float(np.median(np.diff(times))), seconds)
    smoothed = np.empty_like(calm)
    for block, around in _blocks(times, seconds / 2):
        adapted = _adapt(calm[around], _matrices(times[around], plans), noise)
        smoothed[block] = adapted[block.start - around.start : block.stop - around.start]
    return smoothed


def _blocks(times: NDArray[np.float64], reach: float) -> Iterator[tuple[slice, slice]]:
    """Ranges of samples, each with the range of all those that its result depends on."""
    bounds = [*range(0, len(times), _BLOCK), len(times)]
    for start, stop in pairwise(bounds):
        first = times[max(0, start - _CHANGE)] - reach
        last = times[min(len(times), stop + _CHANGE) - 1] + reach
        around = slice(int(np.searchsorted(times, first)), int(np.searchsorted(times, last, "right")))
        yield slice(start, stop), around


def _adapt(values: NDArray[np.float64], windows: _Windows, noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth (T, G, D) with the windows (T, T), from the identity to that which takes away the most noise, each value
    with the last that agrees with those before it."""
    flat = values.reshape(len(values), -1)
    estimates = np.array([(matrix @ flat).reshape(values.shape) for matrix in windows])  # (J, T, G, D)
    allowed = np.ones(values.shape[:2], bool)
    level = np.zeros(values.shape[:2])
    for index, matrix in enumerate(windows[1:], 1):
        for other in range(index):
            spread = np.linalg.norm(matrix - windows[other], axis=1)  # of the difference, in standard deviations
            apart = np.sqrt(np.mean((estimates[index] - estimates[other]) ** 2, axis=2))  # (T, G)
            allowed &= apart <= _CONFIDENCE * noise * spread[:, None] + _EXACT
        level += allowed
    level = _gradual(level)
    low = np.minimum(level.astype(int), len(windows) - 2)
    share = (level - low)[..., None]
    at = np.arange(len(values))[:, None], np.arange(values.shape[1])[None]
    mixed: NDArray[np.float64] = estimates[low, *at] * (1 - share) + estimates[low + 1, *at] * share
    return mixed


def _gradual(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels that change over some samples, and are nowhere higher: a change of windows is to be no motion itself."""
    padded = np.pad(level, ((2, 2), (0, 0)), mode="edge")
    lowest = np.minimum.reduce([padded[shift : shift + len(level) + 2] for shift in range(3)])  # (T + 2, G)
    return np.asarray((lowest[:-2] + lowest[1:-1] + lowest[2:]) / 3)


def _noise(values: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """(G,) standard deviation of what no motion explains, from differences of high order.

    The median keeps bursts of motion from misleading; the least of three orders, motion that never ends (the higher
    ones take it out) and single spikes (the lower ones touch fewer of them).
    """
    orders = [order for order in _ORDERS if len(values) >= 2 * order]
    if not orders:
        return np.zeros(values.shape[1])
    found = []
    for order in orders:
        rough = np.einsum("tk,ktgd->tgd", *_differences(values, times, order))
        found.append(np.median(np.mean(rough**2, axis=2), axis=0))
    deviation: NDArray[np.float64] = np.sqrt(np.min(found, axis=0))
    return deviation * (1.483 if values.shape[2] == 1 else 1.201)  # a chi-square's mean over its median, 1 or 2 degrees


def _differences(
    values: NDArray[np.float64], times: NDArray[np.float64], order: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (T - order, order + 1) of unit length that cancel every polynomial of lower degree, and the samples that
    they are for, (order + 1, T - order, G, D)."""
    count = len(values) - order
    nodes = np.stack([times[shift : shift + count] for shift in range(order + 1)], axis=1)  # (n, order + 1)
    apart = nodes[:, :, None] - nodes[:, None]
    weights = 1 / (apart + np.eye(order + 1)).prod(axis=2)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights, np.stack([values[shift : shift + count] for shift in range(order + 1)])


def _without_spikes(
    values: NDArray[np.float64], times: NDArray[np.float64], noise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """With each value replaced that leaps away from its neighbours for one sample alone, further than they move.

    A landmarker does so where it looks at a face afresh. What takes its place is the cubic through two values on either
    side; at the ends the straight line through four, if there is one.
    """
    count = len(values)
    if count < 6:
        return values
    expected = np.empty_like(values)
    weights, samples = _differences(values, times, 4)
    expected[2:-2] = np.einsum("tk,ktgd->tgd", weights[:, _BESIDE] / -weights[:, 2:3], samples[_BESIDE])
    limit = _SPIKE * noise * math.sqrt(values.shape[2]) + _EXACT
    for place, near in ((0, slice(1, 5)), (1, slice(2, 6)), (-2, slice(-6, -2)), (-1, slice(-5, -1))):
        line = np.stack([np.ones(4), times[near] - times[place]], axis=1)
        fit = np.tensordot(np.linalg.pinv(line), values[near], axes=1)  # (2, G, D)
        straight = np.linalg.norm(np.tensordot(line, fit, axes=1) - values[near], axis=2).max(axis=0) < limit
        expected[place] = np.where(straight[:, None], fit[0], values[place])
    steps = np.pad(np.linalg.norm(np.diff(values, axis=0), axis=2), ((2, 2), (0, 0)))
    moving = np.maximum(steps[:count], steps[3:])  # of the two before, and of the two after
    apart = np.linalg.norm(values - expected, axis=2)
    spike = (apart > limit) & (apart > moving)
    return np.where(spike[..., None], expected, values)


def _plans(step: float, seconds: float) -> list[tuple[float, Degree]]:
    """Length and degree of the windows, from rough to smooth: parabolas, then straight lines over the longest."""
    lengths = [seconds]
    while lengths[-1] / _GROWTH > 5 * step:
        lengths.append(lengths[-1] / _GROWTH)
    lengths.reverse()
    return [*((length, 2) for length in lengths), *((length, 1) for length in lengths[-2:])]


def _matrices(times: NDArray[np.float64], plans: Sequence[tuple[float, Degree]]) -> list[NDArray[np.float64]]:
    """The identity and, for every plan, the matrix (T, T) that smooths by it."""
    matrices = [np.eye(len(times))]
    known: dict[tuple[float, Degree, bytes], NDArray[np.float64]] = {}  # evenly spaced samples have equal weights
    for length, degree in plans:
        matrix = np.zeros((len(times), len(times)))
        for index, moment in enumerate(times):
            near = window(times, float(moment), length)
            key = length, degree, (times[near] - moment).round(7).tobytes()
            if key not in known:
                known[key] = window_weights(times, float(moment), length, degree)[1]
            matrix[index, near] = known[key]
        matrices.append(matrix)
    return matrices
