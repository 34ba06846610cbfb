"""Pictures with the smooth areas, edges and textures of photographs."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray


def scene(seed: int, height: int = 360, width: int = 640) -> NDArray[np.uint8]:
    """A gradient, some discs, noise of several scales in a part of it: (height, width, 3)."""
    random = np.random.default_rng(seed)
    picture = np.linspace(60, 190, width, dtype=np.float32)[None, :, None] * np.ones((height, 1, 3), np.float32)
    for _ in range(12):
        centre = int(random.integers(width)), int(random.integers(height))
        colour = random.uniform(20, 235, 3).tolist()
        cv2.circle(picture, centre, int(random.integers(10, height // 3)), colour, -1, cv2.LINE_AA)
    for size in (4, 16, 64):
        noise = random.normal(0, 12, (height // size + 1, width // (2 * size) + 1, 1)).astype(np.float32)
        picture[:, : width // 2] += cv2.resize(noise, (width // 2, height), interpolation=cv2.INTER_CUBIC)[..., None]
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + random.normal(0, 1, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture(params=[1, 2])
def picture(request: pytest.FixtureRequest) -> NDArray[np.uint8]:
    return scene(request.param)
