from itertools import pairwise

import numpy as np
import pytest

from understudy.merging.edits import Keyframe
from understudy.merging.edits.keyframes import value_at


@pytest.mark.parametrize(("ease", "quarter", "half"), [("hold", 2.0, 2.0), ("linear", 4.0, 6.0), ("smooth", 3.25, 6.0)])
def test_each_ease_has_its_way(ease, quarter, half):
    keys = [Keyframe(frame=11, value=2, ease=ease), Keyframe(frame=51, value=10)]
    assert [value_at(keys, frame) for frame in (11, 21, 31, 51)] == [2.0, quarter, half, 10.0]


def test_outside_of_the_keyframes_the_nearest_holds():
    keys = [Keyframe(frame=11, value=2), Keyframe(frame=51, value=10)]
    assert (value_at(keys, 1), value_at(keys, 500), value_at(keys[:1], 500)) == (2.0, 10.0, 2.0)


@pytest.mark.parametrize("ease", ["hold", "linear", "smooth"])
def test_a_value_never_leaves_the_range_of_its_keyframes(ease):
    random = np.random.default_rng(3)
    frames = sorted(random.choice(np.arange(1, 200), 12, replace=False).tolist())
    keys = [Keyframe(frame=frame, value=float(random.uniform(-50, 50)), ease=ease) for frame in frames]
    for one, other in pairwise(keys):
        low, high = sorted((one.value, other.value))
        assert all(low <= value_at(keys, frame) <= high for frame in range(one.frame, other.frame + 1))
