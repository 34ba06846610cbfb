import numpy as np
import pytest

from understudy.masks import Sides, shape_mask

SIZE = 128
CENTRE = np.array([63.5, 63.5])
DIRECTIONS = {"forehead": (0, -1), "jaw": (0, 1), "left": (-1, 0), "right": (1, 0)}


def disc(radius):
    place = np.arange(SIZE, dtype=np.float32) - np.float32(63.5)
    return np.clip(radius + 0.5 - np.hypot(place[None, :], place[:, None]), 0.0, 1.0).astype(np.float32)


def edge(mask, direction, level=0.5):
    """Distance from the centre at which a mask falls to `level`."""
    away = np.arange(0.0, 60.0, 0.25)
    columns, rows = (63.5 + away[:, None] * np.array(direction)).T
    nearest = mask[np.rint(rows).astype(int), np.rint(columns).astype(int)]
    return float(away[np.flatnonzero(nearest >= level)[-1]])


@pytest.mark.parametrize("side", DIRECTIONS)
@pytest.mark.parametrize("amount", [8.0, -8.0])
def test_one_side_moves_and_the_opposite_one_stays(side, amount):
    erode = Sides(**{side: amount}).added_to(2.0, centre=CENTRE, size=SIZE)
    moved = shape_mask(disc(35.0), erode=erode, blur=0.0)
    for name, direction in DIRECTIONS.items():
        expected = 33.0 - (amount if name == side else 0.0)
        assert edge(moved, direction) == pytest.approx(expected, abs=1.3), name


@pytest.mark.parametrize("side", DIRECTIONS)
def test_one_side_is_softer_and_the_others_are_not(side):
    blur = Sides(**{side: 16.0}).added_to(4.0, centre=CENTRE, size=SIZE)
    soft = shape_mask(disc(35.0), erode=0.0, blur=blur)
    for name, direction in DIRECTIONS.items():
        width = edge(soft, direction, 0.025) - edge(soft, direction, 0.975)
        assert width == pytest.approx(20.0 if name == side else 4.0, abs=2.5), name


def test_the_same_on_all_sides_is_the_same_as_more_of_it():
    sides = Sides(5.0, 5.0, 5.0, 5.0)
    amount = sides.added_to(-2.0, centre=CENTRE, size=SIZE)
    assert np.allclose(amount, 3.0, atol=1e-5)
    one = shape_mask(
        disc(35.0), erode=np.full((SIZE, SIZE), 3.0, np.float32), blur=np.full((SIZE, SIZE), 9, np.float32)
    )
    assert np.allclose(one, shape_mask(disc(35.0), erode=3.0, blur=9.0), atol=1e-5)


def test_no_addition_is_a_plain_amount():
    assert Sides().added_to(7.0, centre=CENTRE, size=SIZE) == 7.0


def test_the_result_grows_smoothly_out_of_no_addition():
    before = shape_mask(disc(35.0), erode=3.0, blur=9.0)
    steps = []
    for amount in (0.01, 0.5, 1.0, 1.5, 2.0):
        sides = Sides(forehead=amount, jaw=-amount)
        erode, blur = (sides.added_to(base, centre=CENTRE, size=SIZE) for base in (3.0, 9.0))
        after = shape_mask(disc(35.0), erode=erode, blur=blur)
        steps.append(float(np.abs(after - before).max()))
        before = after
    assert steps[0] < 0.005
    assert max(steps) < 0.15
