"""Sharpness and detail have the published metric's values and fall with blur."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.facesets.sharpness import detail, sharpness

# Blur (standard deviation in pixels), score and variance of the Laplacian, of one noise picture.
_KNOWN = [
    (1.0, 0.61636, 4.505e12),
    (1.5, 0.26112, 3.223e12),
    (2.0, 0.06488, 2.112e12),
    (2.5, 0.01400, 1.396e12),
    (3.0, 0.00228, 1.002e12),
    (4.0, 0.0, 3.906e11),
]


@pytest.fixture(scope="module")
def noise() -> NDArray[np.float64]:
    """(256, 256) bits 16 to 23 of a linear congruential generator."""
    state, values = 12345, []
    for _ in range(256 * 256):
        state = (1103515245 * state + 12345) % 2**31
        values.append(state >> 16 & 255)
    return np.array(values, np.float64).reshape(256, 256)


def _blurred(noise: NDArray[np.float64], sigma: float) -> NDArray[np.uint8]:
    blurred = cv2.GaussianBlur(noise, (0, 0), sigma)
    return ((blurred - blurred.min()) / np.ptp(blurred) * 255).astype(np.uint8)


@pytest.mark.parametrize(("sigma", "score", "variance"), _KNOWN)
def test_known_values(noise: NDArray[np.float64], sigma: float, score: float, variance: float) -> None:
    picture = _blurred(noise, sigma)
    assert sharpness(picture) == pytest.approx(score, abs=5e-4)
    assert detail(picture) == pytest.approx(variance, rel=1e-3)


def test_only_what_is_inside_counts(noise: NDArray[np.float64]) -> None:
    sharp, soft = _blurred(noise, 1.0), _blurred(noise, 4.0)
    left = np.arange(256)[None] < np.full((256, 1), 128)
    mixed = np.where(left, sharp, soft)
    away = np.broadcast_to(np.arange(256)[None] >= 160, (256, 256))
    assert sharpness(mixed, left) == pytest.approx(sharpness(sharp), abs=0.05)
    assert sharpness(mixed, np.ascontiguousarray(away)) == 0
    assert detail(mixed, np.ascontiguousarray(away)) < detail(mixed, left) / 5


@pytest.mark.parametrize("picture", [np.zeros((64, 64)), np.full((200, 90), 128), np.zeros((16, 16)), np.eye(63) * 255])
def test_pictures_without_a_block_of_edges_score_nothing(picture: NDArray[np.float64]) -> None:
    assert sharpness(picture.astype(np.uint8)) == 0
    assert sharpness(picture.astype(np.uint8), np.zeros(picture.shape, bool)) == 0
    assert detail(picture.astype(np.uint8), np.zeros(picture.shape, bool)) == 0
