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
