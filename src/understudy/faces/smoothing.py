"""Steadier landmarks over time, without delay."""

import numpy as np
from numpy.typing import NDArray


def smooth_landmarks(
    landmarks: NDArray[np.floating], times: NDArray[np.floating], seconds: float
) -> NDArray[np.float64]:
    """Smooth the landmarks of one track by local quadratic regression.

    Each frame's points are replaced by a parabola in time, fitted to the frames around it with tricube weights, at
    that frame (Cleveland, "Robust locally weighted regression and smoothing scatterplots", 1979, without the robust
    step). The window is symmetric, so there is no lag; motion of constant velocity or acceleration passes unchanged;
    uneven frame times are used as they are; frames more than half a window apart do not touch one another.

    Args:
        landmarks: (T, N, D), such as (T, 68, 2).
        times: (T,) seconds, rising.
        seconds: length of the whole window.

    Returns:
        (T, N, D).
    """
    values = np.asarray(landmarks, np.float64)
    moments = np.asarray(times, np.float64)
    if seconds <= 0 or len(values) == 0:
        return values.copy()
    return np.stack([smooth_at(values, moments, moment, seconds) for moment in moments])


def smooth_at(
    values: NDArray[np.float64], times: NDArray[np.float64], moment: float, seconds: float
) -> NDArray[np.float64]:
    """The smoothed value of (T, ...) samples at `moment`, which is one of the rising `times`."""
    reach = seconds / 2
    near = slice(int(np.searchsorted(times, moment - reach, "right")), int(np.searchsorted(times, moment + reach)))
    here = int(np.searchsorted(times, moment))
    count = near.stop - near.start
    if count < 3:
        return np.asarray(values[here])
    distance = (times[near] - moment) / reach  # (n,) -1..1
    weights = (1 - np.abs(distance) ** 3) ** 3
    degree = 2 if count >= 5 else 1
    powers = np.vander(distance, degree + 1, increasing=True)  # (n, degree + 1)
    # The fitted parabola's value at the middle is its constant term: one row of the weighted pseudo-inverse.
    root = np.sqrt(weights)
    kernel = np.linalg.pinv(powers * root[:, None])[0] * root  # (n,), sums to 1
    return np.tensordot(kernel, values[near], axes=1)
