"""From light to the numbers of a picture: bloom, exposure, tone, grain."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.vector import Floats

_WHITE = 5.0  # linear light that becomes white
_PLATE = 1024  # side of the picture of grain

_TONES = np.linspace(0, 1, 8192)
_CURVE = np.where(_TONES <= 0.0031308, 12.92 * _TONES, 1.055 * _TONES ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
_CURVE = (255 * _CURVE).astype(np.float32)


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
    coded = np.take(_CURVE, np.minimum(toned * np.float32(len(_CURVE) - 1), len(_CURVE) - 1).astype(np.intp))
    if grain > 0:
        rng = np.random.default_rng([seed, 0x6F])
        noise = _grain(rng, light.shape[:2])
        coded += noise * np.float32(grain) * (np.float32(1.25) - coded * np.float32(1 / 255))
    return np.asarray(np.clip(coded + np.float32(0.5), 0, 255), np.uint8)


@cache
def _noise_plate() -> Floats:
    rng = np.random.default_rng(0x6F)
    grey = rng.standard_normal((_PLATE, _PLATE, 1), np.float32)
    return grey + np.float32(0.35) * rng.standard_normal((_PLATE, _PLATE, 3), np.float32)


def _grain(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Noise (H, W, 3): one plate of grain, shifted and mirrored anew for each frame."""
    plate = _noise_plate()[:: int(rng.choice([-1, 1])), :: int(rng.choice([-1, 1]))]
    rows = (np.arange(shape[0]) + rng.integers(_PLATE)) % _PLATE
    columns = (np.arange(shape[1]) + rng.integers(_PLATE)) % _PLATE
    return np.asarray(plate[rows][:, columns], np.float32)
