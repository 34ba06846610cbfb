"""Boxes and regions are where they say."""

import numpy as np
import pytest

from understudy.faces import Detection, Region, transform
from understudy.faces.detection import merge_detections, overlap


def _box(*edges: float) -> np.ndarray:
    return np.array(edges, np.float32)


def test_overlap_of_known_boxes() -> None:
    others = np.stack([_box(0, 0, 2, 2), _box(1, 0, 3, 2), _box(5, 5, 6, 6), _box(0, 0, 1, 1), _box(1, 1, 1, 1)])
    assert overlap(_box(0, 0, 2, 2), others) == pytest.approx([1, 1 / 3, 0, 0.25, 0])


def test_hits_of_one_face_become_their_weighted_mean() -> None:
    hits = [Detection(_box(0, 0, 10, 10), 0.6, 0.2), Detection(_box(1, 1, 11, 11), 0.9, 0.0)]
    (merged,) = merge_detections(hits)
    assert merged.box == pytest.approx([0.6, 0.6, 10.6, 10.6])
    assert merged.confidence == 0.9
    assert merged.roll == pytest.approx(0.08)


def test_other_faces_and_other_ways_round_stay_apart() -> None:
    hits = [
        Detection(_box(0, 0, 10, 10), 0.5),
        Detection(_box(50, 0, 60, 10), 0.8),
        Detection(_box(0, 0, 10, 10), 0.9, np.pi),
    ]
    assert [hit.confidence for hit in merge_detections(hits)] == [0.9, 0.8, 0.5]


def test_rolls_are_averaged_across_the_half_turn() -> None:
    hits = [Detection(_box(0, 0, 9, 9), 0.5, np.pi - 0.1), Detection(_box(0, 0, 9, 9), 0.5, -np.pi + 0.1)]
    (merged,) = merge_detections(hits)
    assert abs(merged.roll) == pytest.approx(np.pi, abs=1e-6)


def test_a_detection_moves_with_the_picture() -> None:
    quarter = np.array([[0.0, -2.0, 100.0], [2.0, 0.0, 7.0]])  # doubled and turned clockwise
    moved = Detection(_box(10, 20, 14, 28), 0.7, 0.3).through(quarter)
    assert moved.box == pytest.approx([100 - 56, 27, 100 - 40, 35])
    assert moved.roll == pytest.approx(0.3 + np.pi / 2)


def test_a_regions_square_is_upright_and_centred() -> None:
    region = Region(50.0, 60.0, 20.0, 0.5)
    matrix = region.matrix(192, 1.5)
    assert transform([(50, 60)], matrix) == pytest.approx(np.array([[95.5, 95.5]]))
    eye_line = transform([(0, 0), (np.cos(0.5), np.sin(0.5))], matrix)
    across = eye_line[1] - eye_line[0]
    assert across == pytest.approx(np.array([192 / 30, 0]), abs=1e-9)
