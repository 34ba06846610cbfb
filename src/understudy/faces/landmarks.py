"""What a landmarker says about one face."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from understudy.faces.detection import Region


@dataclass(frozen=True, eq=False)
class Landmarks:
    """The points of one face.

    Attributes:
        points: (68, 2) float32, iBUG order, in image pixels.
        dense: (N, 3) float32 mesh in image pixels (z on the x scale), where the landmarker has one.
        score: 0..1, how sure the landmarker is that it looked at a face.
        region: where to look for this face in the next frame.
    """

    points: NDArray[np.float32]
    dense: NDArray[np.float32] | None
    score: float
    region: Region

    @cached_property
    def box(self) -> NDArray[np.float32]:
        """(4,) left, top, right, bottom of all points."""
        points = self.points if self.dense is None else self.dense[:, :2]
        return np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float32)

    @property
    def area(self) -> float:
        """Of the box, in square pixels."""
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))
