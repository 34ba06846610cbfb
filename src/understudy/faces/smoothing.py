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
    smoothed = np.empty_like(values)
    for index, moment in enumerate(moments):
        near, weights = window_weights(moments, moment, seconds)
        smoothed[index] = np.tensordot(weights, values[near], axes=1)
    return smoothed


def window_weights(times: NDArray[np.float64], moment: float, seconds: float) -> tuple[slice, NDArray[np.float64]]:
    """Which samples the smoothed value at `moment` draws on, and how much it takes of each.

    Args:
        times: (T,) seconds, rising.
        moment: one of `times`.
        seconds: length of the whole window.

    Returns:
        A slice of the samples and its (n,) weights, which sum to 1.
    """
    reach = seconds / 2
    near = slice(int(np.searchsorted(times, moment - reach, "right")), int(np.searchsorted(times, moment + reach)))
    distance = (times[near] - moment) / reach  # (n,) -1..1
    if len(distance) < 3:
        return near, (distance == 0).astype(np.float64)
    powers = np.vander(distance, 3 if len(distance) >= 5 else 2, increasing=True)  # (n, degree + 1)
    # The fitted curve's value in the middle is its constant term: one row of the weighted pseudo-inverse.
    root = (1 - np.abs(distance) ** 3) ** 1.5  # of the tricube weights
    return near, np.linalg.pinv(powers * root[:, None])[0] * root
