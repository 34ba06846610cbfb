"""Seamless cloning: keep the swapped face's detail, take the surroundings' brightness and tint at its edge."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_INSIDE_FROM = 0.2  # Mask value from which a pixel is free; below it, it is bound to the surroundings ever more firmly.
_COARSEST = 8
_SWEEPS = 24
_NEIGHBOURS = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4


def clone_seamlessly(
    face: NDArray[np.float32], surroundings: NDArray[np.float32], mask: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Add to `face` the smooth correction that makes it meet `surroundings` along the edge of the mask.

    Pasting gradients (Pérez, Gangnet and Blake, "Poisson Image Editing", 2003) adds to the face a membrane that is
    harmonic inside the mask and equals surroundings - face on its edge. The membrane is solved for here in float, with
    a soft edge in place of a binary one, so that it does not jump from frame to frame.

    Args:
        face: (S, S, 3) RGB.
        surroundings: (S, S, 3) RGB, what is there without the face.
        mask: (S, S), 0..1.

    Returns:
        (S, S, 3) float32, clipped to 0..1.
    """
    inside: NDArray[np.float32] = np.clip(mask / np.float32(_INSIDE_FROM), 0.0, 1.0)
    cloned: NDArray[np.float32] = np.clip(face + membrane(surroundings - face, inside), 0.0, 1.0)
    return cloned


def membrane(values: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """Span a membrane over the pixels with `inside` = 1 that is held by `values` around them.

    Each pixel satisfies c = inside * mean of its four neighbours + (1 - inside) * values. Solved from coarse to fine
    (cascadic multigrid: Bornemann and Deuflhard, 1996), each level started from the coarser one's solution.

    Args:
        values: (H, W, C) float32; those where `inside` is 1 have no influence.
        inside: (H, W), 0..1.

    Returns:
        (H, W, C) float32.
    """
    height, width = inside.shape
    if min(height, width) > _COARSEST:
        start = _enlarge(membrane(*_halve(values, inside)), width, height)
    else:
        start = np.zeros_like(values)
    sweeps = _SWEEPS if min(height, width) > _COARSEST else 8 * _COARSEST
    free = inside[..., None]
    held = (1.0 - free) * values
    solution = start
    for _ in range(sweeps):
        neighbours = cv2.filter2D(solution, -1, _NEIGHBOURS, borderType=cv2.BORDER_REPLICATE)
        solution = held + free * neighbours.reshape(values.shape)
    return solution


def _halve(values: NDArray[Any], inside: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same membrane with pixels twice as large: springs add up, and so do their pulls."""
    height, width = inside.shape
    size = ((width + 1) // 2, (height + 1) // 2)
    spring = (1.0 - inside) / np.maximum(inside, np.float32(1e-3))  # of a pixel, in units of the membrane's tension
    spring_mean = cv2.resize(spring, size, interpolation=cv2.INTER_AREA)
    pull = cv2.resize(spring[..., None] * values, size, interpolation=cv2.INTER_AREA)
    coarse = pull.reshape(*spring_mean.shape, -1) / np.maximum(spring_mean, np.float32(1e-9))[..., None]
    return coarse, 1.0 / (1.0 + 4.0 * spring_mean)


def _enlarge(image: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, -1)
