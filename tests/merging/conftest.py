"""A drawn face position, a frame with structure and a mask, from which most tests of merging start."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from understudy.faces.template import MEAN_FACE

PlaceFace = Callable[..., NDArray[np.float32]]


@pytest.fixture(scope="session")
def place_face() -> PlaceFace:
    """Makes (68, 2) landmarks of a frontal face of a given centre, width in pixels and roll in radians."""
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    face = np.concatenate([jaw, MEAN_FACE]) - 0.5

    def place(x: float, y: float, width: float, roll: float = 0.0) -> NDArray[np.float32]:
        cosine, sine = np.cos(roll), np.sin(roll)
        rotated = face @ np.array([[cosine, sine], [-sine, cosine]])
        return (rotated * width + (x, y)).astype(np.float32)

    return place


@pytest.fixture(scope="session")
def textured() -> NDArray[np.float32]:
    """(240, 320, 3) float32 in 0.1..0.9: smooth coloured structure."""
    noise = np.random.default_rng(7).random((240, 320, 3), dtype=np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 6)
    return 0.1 + 0.8 * (smooth - smooth.min()) / np.ptp(smooth)


@pytest.fixture(scope="session")
def oval() -> Callable[[int], NDArray[np.float32]]:
    """Makes an (S, S) float32 oval mask whose soft edge is a 64th of its side wide."""

    def draw(size: int) -> NDArray[np.float32]:
        place = np.arange(size, dtype=np.float32) - size / 2
        distance = np.hypot(place[None, :], 0.85 * place[:, None])
        return np.clip((0.33 * size - distance) * np.float32(64 / size), 0.0, 1.0)

    return draw
