import numpy as np
import pytest

from understudy.evaluation.temporal import temporal_errors

_TRUTH = np.random.default_rng(2).integers(30, 200, (4, 16, 16, 3), dtype=np.uint8)
_MASKS = np.ones((4, 16, 16), np.float32)


def test_an_error_that_stays_costs_nothing() -> None:
    errors = temporal_errors(_TRUTH + np.uint8(40), _TRUTH, _MASKS)
    assert np.isnan(errors[0])
    assert errors[1:] == pytest.approx(0)


def test_flicker_costs_what_it_changes() -> None:
    flickering = _TRUTH.copy()
    flickering[2] += 10
    assert temporal_errors(flickering, _TRUTH, _MASKS)[1:] * 255 == pytest.approx([0, 10, 10])


def test_a_frozen_face_lacks_the_change_of_the_truth() -> None:
    frozen = np.repeat(_TRUTH[:1], 4, axis=0)
    expected = np.abs(np.diff(_TRUTH.astype(float), axis=0)).mean(axis=(1, 2, 3)) / 255
    assert temporal_errors(frozen, _TRUTH, _MASKS)[1:] == pytest.approx(expected, rel=1e-5)


def test_only_what_both_masks_show_counts() -> None:
    masks = _MASKS.copy()
    masks[1, :, 8:] = 0
    masks[3] = 0
    wrong = _TRUTH.copy()
    wrong[1, :, 8:] = 0
    errors = temporal_errors(wrong, _TRUTH, masks)
    assert errors[1:3] == pytest.approx(0)
    assert np.isnan(errors[3])
