import numpy as np
import pytest
from pydantic import ValidationError

from understudy.masks import Matte, limit_mask

SQUARE = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
TO_PIXELS = np.array([[64.0, 0, -0.5], [0, 64.0, -0.5]])
NOWHERE = np.array([[0.0, 0, 0], [0, 0.0, 0]])


def matte(**options):
    return Matte.model_validate({"keys": [{"frame": 1, "points": SQUARE}], "feather": 0.0, **options})


def limit(*mattes, index=0, frame=TO_PIXELS, face=NOWHERE, percent=1.0):
    return limit_mask(mattes, index, 64, frame_to_mask=frame, face_to_mask=face, percent=percent)


def test_excluding_and_including_are_opposites():
    excluded, included = limit(matte()), limit(matte(effect="include"))
    assert np.allclose(excluded + included, 1.0, atol=1e-6)
    assert (excluded[20:44, 20:44] == 0).all()
    assert included.sum() == pytest.approx(32 * 32, rel=0.04)


def test_points_move_evenly_between_keys_and_stay_outside_of_them():
    moved = [[x + 0.5, y - 0.2] for x, y in SQUARE]
    moving = matte(keys=[{"frame": 11, "points": SQUARE}, {"frame": 21, "points": moved}])
    for number, share in ((1, 0), (11, 0), (12, 0.1), (16, 0.5), (21, 1), (500, 1)):
        expected = np.array(SQUARE) + share * np.array([0.5, -0.2])
        assert np.allclose(moving.at(number - 1), expected), number


def test_a_matte_counts_from_its_first_to_its_last_frame():
    short = matte(first=3, last=5)
    assert [short.at(index) is not None for index in range(7)] == [False, False, True, True, True, False, False]
    assert limit(short, index=6) is None


def test_several_includes_let_through_what_any_does_and_excludes_take_away_from_it():
    left = matte(effect="include", keys=[{"frame": 1, "points": [[0, 0], [0.3, 0], [0.3, 1], [0, 1]]}])
    right = matte(effect="include", keys=[{"frame": 1, "points": [[0.7, 0], [1, 0], [1, 1], [0.7, 1]]}])
    both = limit(left, right, matte())
    assert (both[32, 5], both[32, 60], both[4, 32]) == (1.0, 1.0, 0.0)
    assert both[32, 17] == 0.0


def test_the_feather_is_as_wide_as_said_and_lies_on_the_edge():
    row = limit(matte(effect="include", feather=10.0))[32, :32]
    place = [np.interp(level, row, np.arange(32)) for level in (0.025, 0.5, 0.975)]
    assert place[1] == pytest.approx(15.5, abs=0.5)
    assert place[2] - place[0] == pytest.approx(10.0, abs=1.5)


def test_the_space_decides_on_the_matrix():
    in_face = matte(space="face")
    assert np.array_equal(limit(in_face, face=TO_PIXELS, frame=NOWHERE), limit(matte()))


def test_points_far_away_do_not_wrap_around():
    far = matte(keys=[{"frame": 1, "points": [[-10, -10], [10, -10], [10, 10], [-10, 10]]}])
    assert (limit(far, frame=TO_PIXELS * 1000) == 0).all()


@pytest.mark.parametrize(
    "fault",
    [
        {"keys": []},
        {"keys": [{"frame": 1, "points": SQUARE[:2]}]},
        {"keys": [{"frame": 0, "points": SQUARE}]},
        {"keys": [{"frame": 2, "points": SQUARE}, {"frame": 2, "points": SQUARE}]},
        {"keys": [{"frame": 1, "points": SQUARE}, {"frame": 2, "points": SQUARE[:3]}]},
        {"keys": [{"frame": 1, "points": [[float("nan"), 0], *SQUARE[1:]]}]},
        {"effect": "burn"},
    ],
)
def test_what_is_no_matte_is_refused(fault):
    with pytest.raises(ValidationError):
        matte(**fault)
