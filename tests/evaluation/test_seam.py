import numpy as np
import pytest

from understudy.evaluation.seam import border_band, edge_strength, seam_error

_Y, _X = np.mgrid[0:80, 0:80]
_MASK = (np.hypot(_X - 40, _Y - 40) < 25).astype(np.float32)
_SMOOTH = np.repeat((60 + _X[..., None]).astype(np.uint8), 3, axis=2)


def test_the_band_lies_within_reach_of_the_border() -> None:
    band = border_band(_MASK, 4)
    away = np.abs(np.hypot(_X - 40, _Y - 40) - 25)
    assert band[away < 2.5].all()
    assert not band[away > 5.5].any()


def test_steepness_of_a_ramp_is_its_slope() -> None:
    assert edge_strength(_SMOOTH)[10:-10, 10:-10] == pytest.approx(1.0, abs=1e-4)


def test_a_pasted_patch_shows_and_its_blended_one_less() -> None:
    band, expected = border_band(_MASK, 6), edge_strength(_SMOOTH)
    assert seam_error(_SMOOTH, expected, band) == 0
    hard = np.where(_MASK[..., None] > 0, _SMOOTH + np.uint8(30), _SMOOTH)
    soft = np.clip((29 - np.hypot(_X - 40, _Y - 40)) / 8, 0, 1)[..., None]
    blended = np.rint(_SMOOTH + 30 * soft).astype(np.uint8)
    assert seam_error(hard, expected, band) > 1.5 * seam_error(blended, expected, band) > 0


def test_edges_that_may_be_there_are_no_seam() -> None:
    hard = np.where(_MASK[..., None] > 0, _SMOOTH + np.uint8(30), _SMOOTH)
    assert seam_error(hard, edge_strength(hard), border_band(_MASK, 6)) == 0


def test_edges_far_from_the_border_are_no_seam() -> None:
    inside = _SMOOTH.copy()
    inside[38:42, 38:42] = 255
    assert seam_error(inside, edge_strength(_SMOOTH), border_band(_MASK, 6)) == 0
