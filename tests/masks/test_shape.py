import numpy as np
import pytest

from understudy.masks import shape_mask

SIZE = 128


def disc(radius, size=SIZE, centre=63.5):
    place = np.arange(size, dtype=np.float32) - np.float32(centre)
    return np.clip(radius + 0.5 - np.hypot(place[None, :], place[:, None]), 0.0, 1.0).astype(np.float32)


def radius_of(mask):
    return float(np.sqrt(mask.sum(dtype=np.float64) / np.pi))


@pytest.mark.parametrize("erode", [0.3, 1.0, 2.5, 7.7, 13.0, -0.3, -2.5, -7.7, -13.0])
def test_the_edge_moves_by_the_given_amount(erode):
    moved = shape_mask(disc(35.0), erode=erode, blur=0.0)
    assert radius_of(moved) == pytest.approx(35.0 - erode, abs=0.35)


def test_the_edge_moves_evenly_with_the_amount():
    amounts = np.arange(0.0, 6.0, 0.25)
    radii = [radius_of(shape_mask(disc(35.0), erode=amount, blur=0.0)) for amount in amounts]
    assert np.diff(radii).max() < -0.1
    assert np.diff(radii).min() > -0.45


@pytest.mark.parametrize("blur", [2.0, 7.5, 20.0])
def test_blur_is_the_width_of_the_ramp_and_leaves_the_edge_in_place(blur):
    row = shape_mask(disc(35.0), erode=0.0, blur=blur)[64, :64]
    place = [np.interp(level, row, np.arange(64)) for level in (0.025, 0.5, 0.975)]
    assert place[1] == pytest.approx(28.5, abs=0.4)
    assert place[2] - place[0] == pytest.approx(blur, rel=0.1, abs=0.8)


def test_nothing_done_leaves_soft_values_as_they_are():
    soft = disc(35.0) * np.float32(0.6)
    before = soft.copy()
    assert np.allclose(shape_mask(soft, erode=0.0, blur=0.0), soft)
    assert np.array_equal(soft, before)


@pytest.mark.parametrize(("erode", "blur"), [(0.0, 0.0), (-20.0, 0.0), (-5.0, 30.0), (3.0, 12.0)])
def test_the_mask_fades_to_nothing_at_the_border(erode, blur):
    shaped = shape_mask(np.ones((SIZE, SIZE), np.float32), erode=erode, blur=blur)
    assert shaped[0].max() == shaped[-1].max() == shaped[:, 0].max() == shaped[:, -1].max() == 0.0
    assert shaped.max() > 0.9
    assert np.abs(np.diff(shaped, axis=0)).max() <= 1.5 / max(blur, 2.0)


def test_a_small_change_of_the_mask_is_a_small_change_of_the_result():
    one, other = (shape_mask(np.full((SIZE, SIZE), v, np.float32), erode=2.0, blur=8.0) for v in (0.49, 0.51))
    assert np.abs(one - other).max() <= 0.021


def test_a_ramp_by_distance_is_as_wide_in_a_corner_as_on_a_straight_edge():
    """A Gaussian rounds a corner away: its half level lies far inside of it."""
    square = np.zeros((SIZE, SIZE), np.float32)
    square[34:94, 34:94] = 1.0
    by_distance = shape_mask(square, erode=0.0, blur=20.0, kind="distance")
    gaussian = shape_mask(square, erode=0.0, blur=20.0)
    straight = [float(mask[64, :64].searchsorted(0.5)) for mask in (by_distance, gaussian)]
    corner = [float(mask.diagonal()[:64].searchsorted(0.5)) for mask in (by_distance, gaussian)]
    assert straight[0] == pytest.approx(straight[1], abs=1)
    assert corner[0] - straight[0] < 1.5 < corner[1] - straight[1]


def test_a_ramp_by_distance_keeps_soft_values_apart():
    one, other = (
        shape_mask(disc(35.0) * np.float32(v), erode=0.0, blur=8.0, kind="distance")[64, 64] for v in (0.3, 0.7)
    )
    assert (one, other) == (pytest.approx(0.3, abs=0.07), pytest.approx(0.7, abs=0.07))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_masks_without_an_edge_stay_flat_inside(value):
    shaped = shape_mask(np.full((SIZE, SIZE), value, np.float32), erode=3.0, blur=10.0, kind="distance")
    assert np.allclose(shaped[40:-40, 40:-40], value)
