import numpy as np
import pytest

from understudy.merging.jitter import jitter, jitter_of
from understudy.merging.plan import PlacedFace


@pytest.fixture
def still(place_face):
    return place_face(100, 100, 100)


def test_even_motion_has_no_jitter(still):
    moving = {frame: still + np.float32(3.5 * frame) for frame in range(10, 20)}
    found = jitter(moving)
    assert sorted(found) == list(range(11, 19))
    assert max(found.values()) < 1e-4


def test_to_and_fro_is_told_in_percent_of_the_face(still):
    width = np.linalg.norm(still[26] - still[17])
    trembling = {frame: still + np.float32([0.5 * (-1) ** frame, 0]) for frame in range(6)}
    assert np.allclose(list(jitter(trembling).values()), 100 * 2 / width, rtol=1e-4)


def test_found_and_placed_are_told_apart_and_tracks_are_not_mixed(still):
    plan = {
        frame: [
            PlacedFace("a", still, 1, found=still + np.float32((-1) ** frame)),
            PlacedFace("b", still + np.float32(200), 2, found=None),
        ]
        for frame in range(8)
    }
    found, placed = jitter_of(plan, range(2, 7))
    assert set(found) == set(placed) == {3, 4, 5}
    assert min(found.values()) > 1
    assert max(placed.values()) < 1e-4
