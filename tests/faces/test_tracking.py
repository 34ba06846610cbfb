"""A face keeps its number while it is seen, and nobody else ever gets it."""

import numpy as np

from understudy.faces import Face, Pose
from understudy.faces.tracking import track_numbers


def _face(left: float, track: int) -> Face:
    box = np.array([left, 0, left + 10, 10], np.float32)
    return Face(box, np.zeros((68, 2), np.float32), Pose(0, 0, 0), 1.0, "test", track=track)


def _box(left: float) -> np.ndarray:
    return np.array([left, 0, left + 10, 10], np.float32)


def test_numbers_follow_the_faces_whatever_their_order() -> None:
    assert track_numbers([_box(102), _box(1)], [_face(0, 7), _face(100, 9)], 5) == [9, 7]


def test_the_nearer_of_two_keeps_the_number() -> None:
    assert track_numbers([_box(4), _box(1)], [_face(0, 7)], 5) == [5000, 7]


def test_new_faces_of_any_two_frames_differ() -> None:
    first = track_numbers([_box(0), _box(50)], [], 3)
    later = track_numbers([_box(200), _box(300)], [], 4)
    assert len({*first, *later}) == 4


def test_untracked_faces_lend_no_number() -> None:
    assert track_numbers([_box(0)], [_face(0, -1)], 2) == [2000]
