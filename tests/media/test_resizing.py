"""The one resize keeps landmarks on their features and makes no false patterns."""

import numpy as np
import pytest

from understudy.media import resize


def spots(width, height, places, radius=5.0):
    y, x = np.mgrid[0:height, 0:width]
    return sum(np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * radius**2)) for px, py in places).astype(np.float32)


@pytest.mark.parametrize("size", [(400, 320), (333, 259), (100, 80), (77, 61), (50, 40), (123, 300)])
def test_landmarks_scaled_by_the_ratio_stay_on_their_features(size):
    places = np.array([(60.3, 50.7), (120.1, 88.2), (30.0, 120.4)])
    resized = resize(spots(200, 160, places), *size)
    ratio = np.array(size) / (200, 160)
    for place in places * ratio:
        reach = np.ceil(20 * ratio).astype(int)
        low, high = np.maximum(place.astype(int) - reach, 0), place.astype(int) + reach + 1
        patch = resized[low[1] : high[1], low[0] : high[0]]
        y, x = np.mgrid[0 : patch.shape[0], 0 : patch.shape[1]]
        found = np.array([(patch * x).sum(), (patch * y).sum()]) / patch.sum() + low
        assert np.abs(found - place).max() < 0.05


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [(), (1,), (2,), (3,), (4,)])
def test_shape_and_dtype_are_kept_and_flat_stays_flat(dtype, channels):
    image = np.full((17, 23, *channels), 200, dtype)
    for size in ((9, 5), (46, 51), (1, 1), (23, 17), (23, 60)):
        resized = resize(image, *size)
        assert resized.shape == (size[1], size[0], *channels)
        assert resized.dtype == dtype
        np.testing.assert_allclose(resized, 200, rtol=1e-6)


def test_straight_ramps_stay_straight():
    image = np.arange(64, dtype=np.float32)[None].repeat(8, axis=0)
    for width, error in ((150, 1e-4), (23, 0.01)):
        resized = resize(image, width, 8)
        inner = slice(width // 4, -width // 4)
        np.testing.assert_allclose(resized[0, inner], (np.arange(width) * 64 / width)[inner], atol=error)


def test_detail_too_fine_for_the_result_averages_out():
    stripes = np.zeros((60, 60), np.float32)
    stripes[:, ::2] = 1
    assert np.abs(resize(stripes, 20, 20)[4:-4, 4:-4] - 0.5).max() < 0.05


def test_overshoot_of_the_cubic_stays_within_integers():
    image = np.zeros((8, 8), np.uint8)
    image[:, 4:] = 255
    resized = resize(image, 32, 8)
    assert resized[0, 4] == 0
    assert resized[0, 24] == 255
    assert np.all(np.diff(resized[0].astype(int)[8:24]) >= -30)  # no wrap-around from 255 to 0


def test_resizing_up_and_down_gives_the_image_back():
    image = spots(48, 40, [(20, 14), (33.3, 29.1)], radius=4)
    np.testing.assert_allclose(resize(resize(image, 144, 120), 48, 40), image, atol=0.02)
