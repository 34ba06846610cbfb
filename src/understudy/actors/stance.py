"""How a body stands before the camera: head and shoulders as two rigid pieces with a neck that bends between."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.field import ramp
from understudy.actors.performance import PerformanceFrame
from understudy.actors.pose import Pose
from understudy.actors.vector import Floats, moved, vector

PIVOT = vector(0, -88, -92)
"""The joint of neck and skull, head coordinates."""

_AIM = vector(0, -30, -45)  # the point of the head at rest that the camera looks at
_FOLLOW = Pose(0.10, 0.42, 0.12)  # share of the head's turn that the shoulders follow


@dataclass(frozen=True, eq=False)
class Stance:
    """From head coordinates to camera space.

    Attributes:
        head: (3, 3) rotation of the head.
        shoulders: (3, 3) rotation of the shoulders.
        joint: (3,) where the pivot stands in camera space.
    """

    head: NDArray[np.floating[Any]]
    shoulders: NDArray[np.floating[Any]]
    joint: NDArray[np.floating[Any]]

    @staticmethod
    def of(frame: PerformanceFrame, distance: float) -> "Stance":
        """The stance in one frame, `distance` millimetres from the camera."""
        return Stance.at(frame.pose, frame.shift, distance)

    @staticmethod
    def at(pose: Pose, shift: tuple[float, float, float], distance: float) -> "Stance":
        """The stance with a pose and a shift."""
        shoulders = Pose(pose.pitch * _FOLLOW.pitch, pose.yaw * _FOLLOW.yaw, pose.roll * _FOLLOW.roll)
        joint = np.array(shift, np.float64) + np.array([0, 0, -distance]) + (PIVOT - _AIM)
        return Stance(pose.matrix(), shoulders.matrix(), joint)

    def place(self, points: Floats) -> Floats:
        """Camera-space points (..., 3) of what moves with the head."""
        return moved(points, self.head, self.joint - self.head @ PIVOT)

    def place_shoulders(self, points: Floats) -> Floats:
        """Camera-space points (..., 3) of what moves with the shoulders."""
        return moved(points, self.shoulders, self.joint - self.shoulders @ PIVOT)

    def place_neck(self, points: Floats) -> Floats:
        """Camera-space points (..., 3) of what moves with the head above the chin, with the shoulders at the collar."""
        share = ramp(points[..., 1], -182, -106)
        placed = self.place(points)
        bent = share < 1
        if not bent.any():
            return placed
        turn = cv2.Rodrigues(self.shoulders.T @ self.head)[0][:, 0]
        angle = float(np.linalg.norm(turn))
        below = (points[bent] - PIVOT).astype(np.float32)
        if angle > 1e-6:
            axis = (turn / angle).astype(np.float32)
            theta = (share[bent] * np.float32(angle))[:, None]
            c, s = np.cos(theta), np.sin(theta)
            below = below * c + np.cross(axis, below) * s + axis * ((below @ axis)[:, None] * (1 - c))
        placed[bent] = moved(below, self.shoulders, self.joint)
        return placed

    def aim(self) -> NDArray[np.floating[Any]]:
        """(3,) the middle of the face at rest, in camera space, whatever the head's turn."""
        return self.joint + (_AIM - PIVOT)

    def turn(self, vectors: Floats) -> Floats:
        """Directions (..., 3) that turn with the head."""
        return moved(vectors, self.head)

    def unplace(self, points: Floats) -> Floats:
        """Head coordinates (..., 3) of camera-space points that move with the head."""
        return moved(points, self.head.T, PIVOT - self.head.T @ self.joint)
