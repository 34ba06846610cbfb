import numpy as np
import pytest

from understudy.actors import CHANNELS, Performance
from understudy.actors.expression import SIGNED


@pytest.fixture(scope="module")
def performance() -> Performance:
    return Performance.from_seed(3, 60.0, 25.0)


def test_a_longer_performance_begins_like_a_shorter_one(performance: Performance) -> None:
    assert performance.frames[:100] == Performance.from_seed(3, 4.0, 25.0).frames


def test_seeds_differ() -> None:
    assert Performance.from_seed(1, 1.0).frames != Performance.from_seed(2, 1.0).frames


def test_expressions_stay_in_range(performance: Performance) -> None:
    for frame in performance:
        assert frame.expression.keys() <= set(CHANNELS)
        for name, value in frame.expression.items():
            assert (-1 if name in SIGNED else 0) <= value <= 1


def test_the_head_moves_smoothly(performance: Performance) -> None:
    poses = np.array([(f.pose.pitch, f.pose.yaw, f.pose.roll) for f in performance])
    assert np.abs(np.diff(poses, axis=0)).max() < 0.16  # radians a frame: 4 a second
    assert np.abs(np.diff(poses, n=2, axis=0)).max() < 0.05


def test_there_are_extremes_and_calm(performance: Performance) -> None:
    yaw = np.abs([f.pose.yaw for f in performance])
    assert yaw.max() > 0.6
    assert np.median(yaw) < 0.4
    assert yaw.max() < np.deg2rad(85)
    for channel in ("jaw_open", "blink_left"):
        assert max(f.strength(channel) for f in performance) > 0.6


def test_the_shutter_opens_before_the_frame(performance: Performance) -> None:
    frame, last = performance[50], performance[49]
    assert frame.before is not None
    yaw = frame.before[0].yaw
    assert min(last.pose.yaw, frame.pose.yaw) - 1e-3 <= yaw <= max(last.pose.yaw, frame.pose.yaw) + 1e-3


def test_a_moment_is_found_by_its_time(performance: Performance) -> None:
    assert performance.at(1.0) is performance[25]
    assert performance.at(999.0) is performance[len(performance) - 1]
