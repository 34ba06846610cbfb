import numpy as np
import pytest

from understudy.faces.align import crop_side, face_matrix, invert, transform
from understudy.merging.placement import placed
from understudy.merging.settings.placement import PlacementSettings

SIZE = 128
PERCENT = SIZE / crop_side("whole_face") / 100


def moved(landmarks, points, **settings):
    """Where crop pixels come to lie in the frame."""
    matrix = face_matrix(landmarks, "whole_face", SIZE)
    return transform(points, invert(placed(matrix, PlacementSettings(**settings), SIZE, PERCENT)))


def test_nothing_chosen_leaves_the_face_where_it_was(place_face):
    matrix = face_matrix(place_face(160, 120, 60, 0.3), "whole_face", SIZE)
    assert np.allclose(placed(matrix, PlacementSettings(), SIZE, PERCENT), matrix)


@pytest.mark.parametrize("roll", [0.0, 0.7, -2.0])
def test_offsets_are_percent_of_face_width_along_the_axes_of_the_face(place_face, roll):
    landmarks = place_face(160, 120, 80, roll)
    before = moved(landmarks, [(40, 50)])
    shift = moved(landmarks, [(40, 50)], offset_x=25.0, offset_y=-10.0) - before
    right, down = np.array([np.cos(roll), np.sin(roll)]), np.array([-np.sin(roll), np.cos(roll)])
    assert np.allclose(shift[0], 80 * (0.25 * right - 0.10 * down), atol=0.05)


def test_the_face_turns_clockwise_about_its_centre(place_face):
    landmarks = place_face(160, 120, 80)
    centre, above = moved(landmarks, [(64, 64), (64, 34)], rotation=90.0)
    still, before = moved(landmarks, [(64, 64), (64, 34)])
    assert np.allclose(centre, still)
    assert before[1] < still[1] - 10  # was above
    assert np.allclose(above - centre, (still[1] - before[1], 0), atol=1e-6)  # is on the right


def test_a_positive_scale_enlarges(place_face):
    landmarks = place_face(160, 120, 80, 0.4)
    distances = {}
    for scale in (0.0, 50.0, -50.0):
        one, other = moved(landmarks, [(64, 64), (100, 64)], face_scale=scale)
        distances[scale] = float(np.hypot(*(one - other)))
    assert distances[50.0] == pytest.approx(1.5 * distances[0.0])
    assert distances[-50.0] == pytest.approx(0.5 * distances[0.0])


def test_all_of_it_together_is_scaled_and_turned_first_then_moved(place_face):
    landmarks = place_face(160, 120, 80)
    together = moved(landmarks, [(64, 64), (90, 70)], face_scale=20.0, rotation=30.0, offset_x=15.0)
    turned = moved(landmarks, [(64, 64), (90, 70)], face_scale=20.0, rotation=30.0)
    assert np.allclose(together - turned, (0.15 * 80, 0), atol=0.05)
