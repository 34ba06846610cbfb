"""The pinhole camera."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.actors.vector import Floats


@dataclass(frozen=True)
class Camera:
    """A pinhole camera at the origin that looks along -z, y up; lengths in millimetres.

    Attributes:
        lens: focal length in millimetres for a picture 36 mm wide and high.
        distance: from the camera to the point the performance moves around.
    """

    lens: float = 100.0
    distance: float = 1050.0

    def focal(self, size: int) -> float:
        """Focal length in pixels of a square picture of side `size`."""
        return self.lens / 36.0 * size

    def field_of_view(self) -> float:
        """Angle between the upper and the lower edge, radians."""
        return 2 * math.atan(18.0 / self.lens)

    def project(self, points: NDArray[np.floating], size: int) -> Floats:
        """Pixels (..., 2) of camera-space points (..., 3); pixel centres at integers."""
        centre = (size - 1) / 2
        scale = self.focal(size) / -points[..., 2]
        return np.stack([centre + points[..., 0] * scale, centre - points[..., 1] * scale], axis=-1).astype(np.float32)

    def unproject(self, x: Floats, y: Floats, depth: Floats, size: int) -> Floats:
        """Camera-space points (..., 3) at pixels (x, y) and `depth` millimetres before the camera plane."""
        centre = (size - 1) / 2
        scale = depth / self.focal(size)
        return np.stack([(x - centre) * scale, (centre - y) * scale, -depth], axis=-1).astype(np.float32)
