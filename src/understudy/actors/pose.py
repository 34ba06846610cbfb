"""Head rotation."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MEAN_HEAD_LOOKS_UP = 0.148  # radians, over a head of this room that looks at the camera


@dataclass(frozen=True)
class Pose:
    """Rotation in radians. Yaw > 0: the nose points to the image's left edge; pitch > 0: looking up;
    roll > 0: clockwise as seen on the image."""

    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0

    def matrix(self) -> NDArray[np.floating[Any]]:
        """(3, 3) from head to camera axes (x right, y up, z to the viewer): pitch first, then yaw, then roll."""
        cp, sp = math.cos(self.pitch), math.sin(self.pitch)
        cy, sy = math.cos(self.yaw), math.sin(self.yaw)
        cr, sr = math.cos(self.roll), math.sin(self.roll)
        tilt = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        turn = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
        lean = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
        return np.asarray(lean @ turn @ tilt)

    def against_mean_head(self) -> "Pose":
        """The same rotation, measured as `faces.head_pose` does: against the axes of its mean head, which looks up."""
        return Pose(self.pitch - _MEAN_HEAD_LOOKS_UP, self.yaw, self.roll)
