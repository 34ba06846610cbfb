import numpy as np
import pytest

from understudy.actors import PerformanceFrame
from understudy.evaluation.calibration import EXPRESSIONS, Calibration, looked, performed, range_of_motion


def test_a_linear_relation_is_found_and_its_noise_reported() -> None:
    rng = np.random.default_rng(3)
    inputs = rng.normal(5, 2, (400, 4))
    noise = rng.normal(0, 0.1, 400)
    known = np.stack([inputs @ (1, -2, 0.5, 0) + 3 + noise, rng.normal(size=400)], axis=1)
    calibration = Calibration.fit(inputs, known)
    assert calibration.correlation[0] > 0.99
    assert abs(calibration.correlation[1]) < 0.2
    assert calibration.floor[1] == pytest.approx(np.sqrt(2 / np.pi), abs=0.1)
    assert np.abs(calibration(inputs)[:, 0] - known[:, 0]).mean() < 0.2


def test_what_is_not_measured_stays_unknown() -> None:
    inputs = np.random.default_rng(4).normal(size=(50, 3))
    calibration = Calibration.fit(inputs, inputs[:, :1])
    assert np.isnan(calibration(np.full((1, 3), np.nan))).all()


def test_strengths_are_read_off_a_frame() -> None:
    frame = PerformanceFrame(
        expression={"jaw_open": 0.4, "smile_left": 1.0, "funnel": 0.3, "brow_lower_left": 0.5, "brow_lower_right": 0.5}
    )
    assert dict(zip(EXPRESSIONS, performed([frame])[0], strict=True)) == {
        "jaw": 0.4,
        "smile": 0.5,
        "blink": 0.0,
        "brows": -0.5,
    }
    assert looked([PerformanceFrame(expression={"gaze_x": -1.0, "gaze_y": 1.0})])[0] == pytest.approx([-0.55, 0.4125])


def test_the_range_of_motion_covers_what_is_calibrated_and_is_always_the_same() -> None:
    drill = range_of_motion(7, 96)
    assert list(drill) == list(range_of_motion(7, 96))
    assert (performed(drill).std(axis=0) > 0.1).all()
    assert (looked(drill).std(axis=0) > 0.2).all()
    assert np.ptp([frame.pose.yaw for frame in drill]) > 1.5
