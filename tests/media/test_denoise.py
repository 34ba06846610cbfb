"""Noise goes, detail and motion stay."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from understudy.media import Frame
from understudy.media.denoise import Denoiser

_NOISE = 7.0


def _psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2)))


@pytest.fixture(scope="module")
def still() -> np.ndarray:
    """(120, 160, 3): soft colours with a few hard edges."""
    random = np.random.default_rng(0)
    soft = cv2.GaussianBlur(random.random((120, 160, 3), np.float32), (0, 0), 9)
    soft = 60 + 140 * (soft - soft.min()) / np.ptp(soft)
    soft[40:80, 50:60] = 200
    return soft.astype(np.float32)


def _noisy(clean: np.ndarray, index: int) -> np.ndarray:
    noise = np.random.default_rng(index + 1).normal(0, _NOISE, clean.shape)
    return np.clip(np.rint(clean + noise), 0, 255).astype(np.uint8)


def test_a_still_shot_gains_ten_decibels(still: np.ndarray) -> None:
    denoise = Denoiser(_NOISE)
    shown = [denoise(Frame(_noisy(still, n), n, Fraction(n, 25))) for n in range(12)]
    noisy = _psnr(_noisy(still, 0), still)
    assert shown[0].dtype == np.uint8
    assert _psnr(shown[0], still) > noisy + 5
    assert _psnr(shown[-1], still) > noisy + 10


def test_what_moves_leaves_no_trail(still: np.ndarray) -> None:
    denoise = Denoiser(_NOISE)
    for n in range(12):
        clean = still.copy()
        clean[20:100, 8 * n : 8 * n + 20] = (30, 60, 220)
        noisy = _noisy(clean, n)
        shown = denoise(Frame(noisy, n, Fraction(n, 25)))
    trail = (slice(20, 100), slice(8 * 11 - 16, 8 * 11))
    assert (
        np.abs(shown[trail].astype(float) - clean[trail]).mean()
        < np.abs(noisy[trail].astype(float) - clean[trail]).mean()
    )


def test_a_cut_does_not_shine_through(still: np.ndarray) -> None:
    denoise = Denoiser(20)
    for n in range(5):
        denoise(Frame(_noisy(still, n), n, Fraction(n, 25)))
    other = 255 - still
    shown = denoise(Frame(_noisy(other, 5), 5, Fraction(5, 25)))
    changed = np.abs(other - still).min(axis=2) > 60
    assert np.abs((shown.astype(float) - other).mean(axis=2)[changed].mean()) < 1.5


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_bit_depth_is_kept(still: np.ndarray, dtype: type) -> None:
    white = 65535 if dtype == np.uint16 else 1
    pixels = (still / 255 * white).astype(dtype)
    shown = Denoiser(1)(Frame(pixels, 0, Fraction(0)))
    assert shown.dtype == dtype
    assert np.abs(shown.astype(float) - pixels).mean() < 0.01 * white
    if dtype == np.uint16:
        assert len(np.unique(shown)) > 5000
