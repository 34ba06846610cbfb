"""From light to the numbers of a picture: bloom, exposure, tone, grain."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_WHITE = 5.0  # linear light that becomes white


def developed(light: Floats, *, exposure: float, grain: float, seed: int) -> NDArray[np.uint8]:
    """8-bit sRGB (H, W, 3) of linear light (H, W, 3).

    Args:
        exposure: factor on the light.
        grain: standard deviation of the noise in 8-bit steps at mid grey.
        seed: of the noise.
    """
    light = light * np.float32(exposure)
    size = max(light.shape[:2])
    small = cv2.resize(np.maximum(light - 0.9, 0), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    bloom = cv2.GaussianBlur(small, (0, 0), size / 160)
    light = light + np.float32(0.25) * cv2.resize(bloom, light.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    toned = light * (1 + light / np.float32(_WHITE**2)) / (1 + np.float32(0.55) * light)  # Reinhard et al. (2002)
    toned = np.clip(toned, 0, 1)
    coded = np.where(toned <= 0.0031308, 12.92 * toned, 1.055 * np.power(np.maximum(toned, 1e-5), 1 / 2.4) - 0.055)
    if grain > 0:
        rng = np.random.default_rng([seed, 0x6F])
        noise = rng.standard_normal(light.shape[:2], np.float32)
        noise = noise[..., None] + np.float32(0.35) * rng.standard_normal(light.shape, np.float32)
        coded = coded + noise * np.float32(grain / 255) * (np.float32(1.25) - coded)
    return np.asarray(np.clip(coded * 255 + 0.5, 0, 255), np.uint8)
