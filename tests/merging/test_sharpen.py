import cv2
import numpy as np
import pytest

from understudy.merging.sharpen import median_passes, sharpen, sharpen_as_dfl


@pytest.fixture
def face():
    noise = np.random.default_rng(2).random((64, 64, 3), dtype=np.float32)
    return 0.3 + 0.4 * cv2.GaussianBlur(noise, (0, 0), 0.8)


def spread(picture):
    return picture[8:-8, 8:-8].std()


@pytest.mark.parametrize("mode", ["box", "gaussian"])
def test_from_blurred_to_sharp_without_a_leap(face, mode):
    amounts = [-100, -60, -30, -3, 0, 3, 10, 30, 60, 80, 100]
    spreads = [spread(sharpen(face, mode, amount, percent=0.8)) for amount in amounts]
    assert (np.diff(spreads) >= 0).all()
    assert (np.diff(spreads[::2]) > 0).all()
    assert np.isclose(spreads[3], spreads[4], rtol=0.1)
    assert spreads[-1] < 3.05 * spreads[4]


def test_a_box_is_as_wide_as_the_gaussian(face):
    for amount in (-20, -50, -90):
        ratio = spread(sharpen(face, "box", amount, percent=2.0)) / spread(
            sharpen(face, "gaussian", amount, percent=2.0)
        )
        assert 0.75 < ratio < 1.25


def test_none_does_nothing(face):
    assert sharpen(face, "none", 50, percent=1.0) is face


def test_the_gain_of_the_field_is_the_raw_amount(face):
    mean = sum(np.roll(face, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)) / 9
    expected = face + 7 * (face - mean)
    assert np.abs(sharpen_as_dfl(face, "box", 7) - expected)[2:-2, 2:-2].max() < 1e-4
    row = np.exp(-np.array([1.0, 0.0, 1.0]) / (2 * 0.8**2))
    kernel = np.outer(row, row) / row.sum() ** 2
    blurred = sum(kernel[y + 1, x + 1] * np.roll(face, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1))
    expected = (1 + 0.5 * 7) * face - 0.5 * 7 * blurred
    assert np.abs(sharpen_as_dfl(face, "gaussian", 7) - expected)[2:-2, 2:-2].max() < 1e-4
    assert np.array_equal(sharpen_as_dfl(face, "none", 7), face)


def median(picture):
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(picture, ((2, 2), (2, 2), (0, 0)), "edge"), (5, 5), (0, 1)
    )
    return np.median(windows, axis=(3, 4))


@pytest.mark.parametrize(("power", "full", "weights"), [(25, 10.0, [1, 1, 0.5]), (35, 100.0, [0.35, 0.25, 0.15, 0.05])])
def test_medians_of_the_field(face, power, full, weights):
    expected = face
    for weight in weights:
        expected = expected + weight * (median(expected) - expected)
    assert np.abs(median_passes(face, power, full=full) - expected).max() < 1e-5
    assert np.abs(sharpen_as_dfl(face, "none", -25) - median_passes(face, 25, full=10.0)).max() == 0
