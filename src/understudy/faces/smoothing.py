"""How much a smoothed value takes of each sample around it in time."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Degree = Literal[1, 2]
"""Of the fitted curve: 1 a straight line, 2 a parabola."""


def window_weights(
    times: NDArray[np.float64], moment: float, seconds: float, degree: Degree = 2
) -> tuple[slice, NDArray[np.float64]]:
    """Which samples the smoothed value at `moment` draws on, and how much it takes of each.

    The value is that of a curve in time, fitted to the samples around with tricube weights, at that moment (Cleveland,
    "Robust locally weighted regression and smoothing scatterplots", 1979, without the robust step). The window is
    symmetric, so there is no lag; motion of constant velocity, and with parabolas of constant acceleration, passes
    unchanged; uneven times are used as they are; samples more than half a window apart do not touch one another.

    Args:
        times: (T,) seconds, rising.
        moment: one of `times`.
        seconds: length of the whole window.
        degree: of the curve; a line, too, where there are fewer than five samples.

    Returns:
        A slice of the samples and its (n,) weights, which sum to 1.
    """
    reach = seconds / 2
    near = window(times, moment, seconds)
    distance = (times[near] - moment) / reach  # (n,) -1..1
    if len(distance) < 3:
        return near, (distance == 0).astype(np.float64)
    powers = np.vander(distance, degree + 1 if len(distance) >= 5 else 2, increasing=True)  # (n, degree + 1)
    # The fitted curve's value in the middle is its constant term: one row of the weighted pseudo-inverse.
    root = (1 - np.abs(distance) ** 3) ** 1.5  # of the tricube weights
    return near, np.linalg.pinv(powers * root[:, None])[0] * root


def window(times: NDArray[np.float64], moment: float, seconds: float) -> slice:
    """The samples less than half of `seconds` away from a moment."""
    reach = seconds / 2
    return slice(int(np.searchsorted(times, moment - reach, "right")), int(np.searchsorted(times, moment + reach)))
