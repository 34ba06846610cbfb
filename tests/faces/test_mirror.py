"""A mirror swaps sides and nothing else."""

import numpy as np

from understudy.faces import head_pose, mirror_landmarks
from understudy.faces.head_model import HEAD_MODEL
from understudy.faces.mirror import MIRRORED


def test_mirrored_twice_is_unchanged() -> None:
    points = np.random.default_rng(0).normal(size=(68, 2)).astype(np.float32)
    assert np.allclose(mirror_landmarks(mirror_landmarks(points, 640), 640), points, atol=1e-4)
    assert sorted(MIRRORED) == list(range(68))


def test_the_named_pairs_change_places() -> None:
    pairs = (
        "0-16 1-15 7-9 17-26 21-22 31-35 32-34 36-45 37-44 38-43 39-42 40-47 41-46 "
        "48-54 49-53 50-52 55-59 56-58 60-64 61-63 65-67"
    )
    for one, other in (map(int, pair.split("-")) for pair in pairs.split()):
        assert MIRRORED[one] == other
    for middle in (8, 27, 28, 29, 30, 33, 51, 57, 62, 66):
        assert MIRRORED[middle] == middle


def test_the_mean_head_is_its_own_mirror_image() -> None:
    head = HEAD_MODEL[:, :2]
    assert np.abs(mirror_landmarks(head, 1) - head).max() < 4  # of some 140 wide
    pose = head_pose(mirror_landmarks(head @ np.array([[0.9, 0.1], [-0.1, 0.9]]), 640))
    assert abs(pose.roll + np.arctan2(0.1, 0.9)) < 0.05
