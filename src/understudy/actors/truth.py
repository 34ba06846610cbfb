"""What is known exactly of a rendered frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from understudy.actors.pose import Pose
from understudy.actors.surface import Part
from understudy.actors.vector import Floats


@dataclass(frozen=True, eq=False)
class FaceTruth:
    """One face.

    Attributes:
        identity: seed of the performer.
        landmarks: (68, 2) float32, iBUG order, pixels, pixel centres at integers.
        visible: (68,) bool: nothing hides the landmark and it lies in the frame.
        dense: (N, 3) float32: the same N places of every face, pixels; z on the same scale, growing away from the
            camera, 0 at the middle of the head.
        dense_visible: (N,) bool.
        pose: rotation of the head, as `faces.head_pose` measures it.
        box: (4,) float32: left, top, right, bottom of the dense points.
    """

    identity: int
    landmarks: Floats
    visible: NDArray[np.bool_]
    dense: Floats
    dense_visible: NDArray[np.bool_]
    pose: Pose
    box: Floats


@dataclass(frozen=True, eq=False)
class Truth:
    """One frame.

    Attributes:
        faces: the performer first, then who else is in the frame.
        parts: (H, W) uint8, the `Part` that each pixel shows; every pixel is exactly one.
        person: (H, W) uint8: 1 for the performer, 2 for the companion, 0 for anything else.
        depth: (H, W) float32 millimetres along the camera's axis; infinite for the background.
        focal: focal length in pixels; the principal point is the middle of the frame.
    """

    faces: tuple[FaceTruth, ...]
    parts: NDArray[np.uint8]
    person: NDArray[np.uint8]
    depth: Floats
    focal: float

    @property
    def face(self) -> FaceTruth:
        """The performer's face."""
        return self.faces[0]

    def mask(self, *parts: Part, person: int = 1) -> NDArray[np.bool_]:
        """(H, W) where one of `parts` of a person is seen; `person` is ignored for what belongs to nobody."""
        shown = np.isin(self.parts, [int(p) for p in parts])
        nobodys = np.isin(self.parts, [int(Part.BACKGROUND), int(Part.OCCLUDER)])
        return np.asarray(shown & (nobodys | (self.person == person)))


@dataclass(frozen=True, eq=False)
class Rendered:
    """A picture, (H, W, 3) uint8 RGB, and its truth."""

    pixels: NDArray[np.uint8]
    truth: Truth
