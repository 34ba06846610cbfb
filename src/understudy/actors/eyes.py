"""The eyeballs: their form, and the colours of iris and white."""

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import bump, ramp
from understudy.actors.solids import EYE_RADIUS
from understudy.actors.vector import Floats, vector

IRIS_RADIUS = 6.1  # millimetres
_EDGE = np.arcsin(IRIS_RADIUS / EYE_RADIUS)  # angle of the limbus from the optical axis
_BACK = np.deg2rad(105)
_RINGS, _SPOKES = 30, 41
_BULGE = 1.05  # millimetres that the cornea stands out
TEXTURE_RINGS, TEXTURE_SPOKES = 256, 512


@cache
def _angles() -> tuple[Floats, Floats]:
    """Angle from the optical axis (rings, 1), finer over the cornea, and around it (1, spokes)."""
    away = _BACK * np.linspace(0, 1, _RINGS, dtype=np.float32) ** 1.3
    around = np.linspace(0, 2 * np.pi, _SPOKES, dtype=np.float32)
    return away[:, None], around[None]


def eyeball(scale: float) -> tuple[Floats, Floats]:
    """Points and normals (rings, spokes, 3) of an eye that looks along z, about its centre."""
    away, around = _angles()
    ray = np.stack(
        np.broadcast_arrays(np.sin(away) * np.cos(around), -np.sin(away) * np.sin(around), np.cos(away)), axis=-1
    )
    height = _BULGE * ramp(away, _EDGE * 1.12, 0)
    slope = np.gradient(height[:, 0], away[:, 0])[:, None]
    outward = ray * EYE_RADIUS
    tangent = np.stack(
        np.broadcast_arrays(np.cos(away) * np.cos(around), -np.cos(away) * np.sin(around), -np.sin(away)), axis=-1
    )
    normal = ray - tangent * (slope / EYE_RADIUS)[..., None]
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return ((outward + ray * height[..., None]) * scale).astype(np.float32), normal.astype(np.float32)


def gaze_matrix(x: float, y: float) -> NDArray[np.floating[Any]]:
    """(3, 3) rotation of an eye that looks `x` radians to the image's right and `y` up, of a head facing the camera."""
    cx, sx, cy, sy = np.cos(x), np.sin(x), np.cos(y), np.sin(y)
    turn = np.array([[cx, 0, sx], [0, 1, 0], [-sx, 0, cx]])
    tilt = np.array([[1, 0, 0], [0, cy, sy], [0, -sy, cy]])
    return np.asarray(turn @ tilt)


def eye_texture(colour: Floats, ring: Floats, rng: np.random.Generator, *, pupil: float, white: Floats) -> Floats:
    """Albedo (TEXTURE_RINGS, TEXTURE_SPOKES, 3), linear RGB, by angle from the axis (0 to the back) and around it.

    Args:
        colour: (3,) of the iris.
        ring: (3,) of the iris close to the pupil.
        rng: draws the fibres and vessels.
        pupil: radius as a share of the iris.
        white: (3,) of the sclera.
    """
    away = np.linspace(0, _BACK, TEXTURE_RINGS, dtype=np.float32)[:, None]
    r = np.sin(np.minimum(away, np.pi / 2)) / np.sin(_EDGE)  # 1 at the limbus
    fibres = _periodic_noise(rng, (TEXTURE_RINGS, TEXTURE_SPOKES), (26.0, 1.0))
    coarse = _periodic_noise(rng, (TEXTURE_RINGS, TEXTURE_SPOKES), (40.0, 6.0))
    crypts = _periodic_noise(rng, (TEXTURE_RINGS, TEXTURE_SPOKES), (9.0, 5.0))
    collarette = bump(r + 0.05 * coarse, 0.5, 0.13)
    value = 1.0 + 0.34 * fibres + 0.22 * coarse - 0.25 * np.maximum(crypts - 0.4, 0) + 0.25 * collarette
    inner = ramp(r + 0.06 * coarse, 0.62, 0.36)
    iris = (colour * (1 - inner[..., None]) + ring * inner[..., None]) * np.maximum(value, 0.15)[..., None]
    limbal = ramp(r, 0.74, 1.0)
    iris = iris * (1 - 0.82 * limbal)[..., None]
    hole = ramp(r + 0.012 * fibres, pupil * 1.06, pupil * 0.94)
    iris = iris * (1 - hole[..., None]) + vector(0.004, 0.004, 0.005) * hole[..., None]
    vessels = _periodic_noise(rng, (TEXTURE_RINGS, TEXTURE_SPOKES), (10.0, 2.2))
    veined = ramp(np.abs(vessels), 0.16, 0.0) * ramp(r, 1.1, 2.0) * ramp(coarse, -0.4, 1.2)
    pink = (0.55 * veined + 0.30 * ramp(r, 1.3, 2.05))[..., None]
    sclera = white * (1 - pink) + white * vector(0.92, 0.52, 0.46) * pink
    edge = ramp(r, 0.90, 1.10)[..., None]
    return np.asarray(iris * (1 - edge) + sclera * edge, np.float32)


def texture_ring(away: Floats) -> Floats:
    """Row of the eye texture for an angle from the optical axis."""
    return np.asarray(away * ((TEXTURE_RINGS - 1) / _BACK), np.float32)


def ring_angle(row: Floats) -> Floats:
    """Angle from the optical axis of a row of the eyeball's grid."""
    return np.asarray(_BACK * np.clip(row / (_RINGS - 1), 0, 1) ** 1.3, np.float32)


def _periodic_noise(rng: np.random.Generator, shape: tuple[int, int], sigma: tuple[float, float]) -> Floats:
    """Smooth noise of unit variance that closes around its second axis."""
    raw = rng.standard_normal(shape).astype(np.float32)
    pad = int(4 * sigma[1]) + 2
    wide = np.concatenate([raw[:, -pad:], raw, raw[:, :pad]], axis=1)
    smooth = cv2.GaussianBlur(wide, (0, 0), sigmaX=sigma[1], sigmaY=sigma[0])[:, pad:-pad]
    return np.asarray(smooth / smooth.std(), np.float32)
