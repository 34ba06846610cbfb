"""Angles come back with the field's signs, and no lens mirrors a head."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.faces import head_pose
from understudy.faces.head_model import HEAD_MODEL
from understudy.faces.pose import solve_pose
from understudy.project.errors import UnderstudyError


def _photograph(yaw: float, pitch: float, roll: float, distance: float, focal: float) -> np.ndarray:
    turns = [cv2.Rodrigues(np.array(axis))[0] for axis in ((pitch, 0.0, 0.0), (0.0, yaw, 0.0), (0.0, 0.0, roll))]
    points = HEAD_MODEL @ (turns[2] @ turns[1] @ turns[0]).T + (0, 0, distance)
    return points[:, :2] / points[:, 2:] * focal + 128


@pytest.mark.parametrize(
    ("applied", "reported"),
    [
        ((0.3, 0.1, 0.0), (-0.1, 0.3, 0.0)),
        ((-0.3, -0.2, 0.1), (0.2, -0.3, 0.1)),
        ((0.7, 0.0, 0.0), (0.0, 0.7, 0.0)),
        ((0.0, 0.4, 0.0), (-0.4, 0.0, 0.0)),
        ((0.0, 0.0, 0.5), (0.0, 0.0, 0.5)),
    ],
)
def test_known_camera(applied: tuple[float, float, float], reported: tuple[float, float, float]) -> None:
    """(yaw, pitch, roll) applied to the model; (pitch, yaw, roll) the field's programs report."""
    pose = solve_pose(_photograph(*applied, 500, 256), focal=256, centre=(128, 128))
    assert (pose.pitch, pose.yaw, pose.roll) == pytest.approx(reported, abs=1e-6)


@settings(deadline=None, max_examples=200)
@given(
    yaw=st.floats(-1.2, 1.2),
    pitch=st.floats(-0.8, 0.8),
    roll=st.floats(-3.1, 3.1),
    distance=st.sampled_from([500.0, 1500.0, 6000.0, 20000.0]),
    seed=st.integers(0, 99),
)
def test_no_lens_mirrors_a_head(yaw: float, pitch: float, roll: float, distance: float, seed: int) -> None:
    """With an unknown lens and landmarks off by half a percent of the face, every angle stays within 0.15."""
    seen = _photograph(yaw, pitch, roll, distance, focal=distance)
    seen += np.random.default_rng(seed).normal(scale=0.7, size=seen.shape)
    pose = head_pose(seen)
    error = np.array([pose.pitch + pitch, pose.yaw - yaw, pose.roll - roll])
    assert np.abs(np.angle(np.exp(1j * error))).max() < 0.15


def test_pose_does_not_depend_on_place_or_size() -> None:
    seen = _photograph(0.5, 0.1, -0.2, 900, 900)
    one, other = head_pose(seen), head_pose(seen * 7 + (3000, -400))
    assert (one.pitch, one.yaw, one.roll) == pytest.approx((other.pitch, other.yaw, other.roll), abs=1e-6)


def test_landmarks_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UnderstudyError):
        head_pose(np.full((68, 2), np.nan))
