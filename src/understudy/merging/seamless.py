"""Seamless modes: keep the swapped face's detail, take the surroundings' brightness and tint at its edge."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.membrane import membrane, span
from understudy.merging.rim import Rim, likeness, shrunk

_FREE_FROM = 0.2  # Mask value from which a cloned pixel is free; below it, it is bound to the surroundings.
_SEEN = 6.75  # times m (1 - m)^2 for a mask value m: at most 1, at a third
_SOFTENED = 0.7  # sigma in small pixels: a hard mask has an edge, too
_SPRING = 4.0  # of a trusted place on the edge, in units of the membrane's tension
_HOME = 0.02  # the same, with which the whole edge is drawn to the mean of what is trusted
_LITTLE = 0.05  # of the edge: where no more can be trusted, its mean counts half


def meet_surroundings(
    face: NDArray[np.float32],
    rim: Rim,
    mask: NDArray[np.float32],
    skin: NDArray[np.float32],
    *,
    width: float,
) -> NDArray[np.float32]:
    """Add to `face` the smooth correction that makes it meet its surroundings along the edge of the mask.

    As in Poisson cloning (Pérez, Gangnet and Blake, 2003) the correction is a membrane, held at the edge by the
    difference of both pictures; but only so firmly as that difference can be trusted. Where one of them shows hair, a
    hand or what is behind the face, and where features lie under the edge, the membrane hangs on what is beside.
    It is held where the edge mixes both pictures, and told from them in small: fine structure has no say.

    Args:
        face: (S, S, 3) RGB, recoloured.
        rim: what is there without the face.
        mask: (S, S), 0..1: how far the face will be seen.
        skin: (S, S), 0..1: where it is sure to be a face.
        width: of the face in pixels.

    Returns:
        (S, S, 3) float32, clipped to 0..1.
    """
    small, shape = shrunk(face), shrunk(mask)
    difference = rim.plate - small
    shown: NDArray[Any] = cv2.GaussianBlur(shape, (0, 0), _SOFTENED).clip(0.0, 1.0)
    edge = np.float32(_SEEN) * shown * np.square(1 - shown)
    trusted = edge * rim.trust * likeness(small, shrunk(skin), width=width * len(shape) / len(mask))
    mean = np.einsum("yxc,yx->c", difference, trusted) / (
        trusted.sum() + np.float32(_LITTLE) * edge.sum() + np.float32(1e-9)
    )
    firm, loose = np.float32(_SPRING) * trusted, np.float32(_HOME) * edge
    spring = firm + loose
    goal = mean + (firm / np.maximum(spring, np.float32(1e-9)))[..., None] * (difference - mean)
    correction = cv2.resize(span(goal, spring), mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    met: NDArray[np.float32] = np.clip(face + correction, 0.0, 1.0)
    return met


def clone_seamlessly(
    face: NDArray[np.float32], surroundings: NDArray[np.float32], mask: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Poisson cloning as the field has it: the whole edge counts, whatever it shows.

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
    inside: NDArray[np.float32] = np.clip(mask / np.float32(_FREE_FROM), 0.0, 1.0)
    cloned: NDArray[np.float32] = np.clip(face + membrane(surroundings - face, inside), 0.0, 1.0)
    return cloned
