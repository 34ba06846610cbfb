import numpy as np
import pytest

from understudy.evaluation.similarity import PSNR_OF_EQUALS, psnr, ssim

_RNG = np.random.default_rng(1)
_NOISE = _RNG.integers(0, 256, (40, 50, 3), dtype=np.uint8)
_ALL = np.ones((40, 50), np.float32)


def test_equal_pictures_score_best() -> None:
    assert psnr(_NOISE, _NOISE, _ALL) == PSNR_OF_EQUALS
    assert ssim(_NOISE, _NOISE, _ALL) == pytest.approx(1.0, abs=1e-6)


def test_psnr_of_an_offset_is_known() -> None:
    grey = np.full((40, 50, 3), 100, np.uint8)
    assert psnr(grey, grey + np.uint8(5), _ALL) == pytest.approx(20 * np.log10(255 / 5), abs=1e-4)


def test_ssim_of_two_greys_is_the_luminance_term() -> None:
    a, b = np.full((30, 30, 3), 51, np.uint8), np.full((30, 30, 3), 153, np.uint8)  # 0.2 and 0.6
    expected = (2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4)
    assert ssim(a, b, np.ones((30, 30))) == pytest.approx(expected, abs=1e-4)


def test_ssim_is_that_of_the_paper_at_one_pixel() -> None:
    other = _RNG.integers(0, 256, _NOISE.shape, dtype=np.uint8)
    at = np.zeros_like(_ALL)
    at[20, 25] = 1
    steps = np.arange(-5, 6)
    window = np.exp(-(steps[:, None] ** 2 + steps[None] ** 2) / (2 * 1.5**2))[..., None]
    window /= window.sum()
    x, y = (image[15:26, 20:31] / 255 for image in (_NOISE, other))
    mean_x, mean_y = (window * x).sum((0, 1)), (window * y).sum((0, 1))
    var_x, var_y = (window * (x - mean_x) ** 2).sum((0, 1)), (window * (y - mean_y) ** 2).sum((0, 1))
    covariance = (window * (x - mean_x) * (y - mean_y)).sum((0, 1))
    c1, c2 = 1e-4, 9e-4
    expected = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    expected /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    assert ssim(_NOISE, other, at) == pytest.approx(float(expected.mean()), abs=1e-4)


def test_what_is_outside_the_mask_does_not_count() -> None:
    mask = np.zeros_like(_ALL)
    mask[:, :20] = 1
    other = _NOISE.copy()
    other[:, 30:] = 255 - other[:, 30:]
    assert psnr(_NOISE, other, mask) == PSNR_OF_EQUALS
    assert ssim(_NOISE, other, mask) == pytest.approx(1.0, abs=1e-6)
    assert np.isnan(psnr(_NOISE, other, np.zeros_like(mask)))
