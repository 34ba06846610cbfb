"""Windows in time take what they should of each sample."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.faces.smoothing import window_weights

_STEPS = st.lists(st.floats(0.005, 0.08), min_size=1, max_size=40)


@settings(deadline=None)
@given(steps=_STEPS, seconds=st.floats(0.01, 1.0), degree=st.sampled_from([1, 2]), at=st.integers(0, 39))
def test_a_straight_line_passes_unchanged_at_any_frame_times(steps, seconds, degree, at) -> None:
    times = np.cumsum(steps)
    moment = float(times[at % len(times)])
    near, weights = window_weights(times, moment, seconds, degree)
    assert np.isclose(weights @ (3 + 7 * times[near]), 3 + 7 * moment, atol=1e-6)


def test_a_parabola_passes_a_window_of_parabolas_and_not_one_of_lines() -> None:
    times = np.arange(21) / 25
    curve = (times - 0.4) ** 2
    for degree, passes in ((2, True), (1, False)):
        near, weights = window_weights(times, float(times[10]), 0.5, degree)
        assert np.isclose(weights @ curve[near], curve[10], atol=1e-9) == passes
