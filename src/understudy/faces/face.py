"""A face located in a frame, and the same face cut out and aligned."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FaceType = Literal["half", "mid", "full", "whole_face", "head"]
"""Crop geometries, from the tightest to the widest; each contains the one before it."""


@dataclass(frozen=True)
class Pose:
    """Head rotation in radians. Yaw > 0: the nose points to the image's left edge; pitch > 0: looking up;
    roll > 0: clockwise as seen on the image."""

    pitch: float
    yaw: float
    roll: float


@dataclass(frozen=True, eq=False)
class Face:
    """One face in one frame.

    Attributes:
        box: (4,) float32: left, top, right, bottom in frame pixels.
        landmarks: (68, 2) float32, iBUG order, (x, y) in frame pixels, pixel centres at integers.
        pose: head rotation.
        confidence: 0..1, of the backend that found it.
        backend: name of the backend that found it.
        dense: (N, 3) float32 mesh points in frame pixels (z on the x scale), where the backend has them.
        track: number shared by the same face over consecutive frames; -1: not tracked.
        interpolated: whether it was not seen but placed between the faces before and after.
    """

    box: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    pose: Pose
    confidence: float
    backend: str
    dense: NDArray[np.float32] | None = None
    track: int = -1
    interpolated: bool = False


@dataclass(frozen=True, eq=False)
class AlignedFace:
    """A face cut out of its frame and brought to the field's standard position.

    Attributes:
        image: (S, S, 3) uint8 RGB.
        face_type: the crop geometry.
        matrix: (2, 3) float64, maps frame pixels to pixels of `image`.
        landmarks: (68, 2) float32 in pixels of `image`.
        face: the face in its frame.
        mask: (S, S) float32 0..1, where one was drawn or predicted; None: derive the hull from the landmarks.
        brow_expansion: how much further than usual, as a factor, that hull reaches above the brows.
    """

    image: NDArray[np.uint8]
    face_type: FaceType
    matrix: NDArray[np.float64]
    landmarks: NDArray[np.float32]
    face: Face
    mask: NDArray[Any] | None = None
    brow_expansion: float = 1.0
