"""Where the eyes look: the irises in a picture.

Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry", 2020.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.faces import Region, invert, transform, warp
from understudy.faces.detection import Detection

_SIDE = 64  # of the network's input
_MARGIN = 2.3  # the network was trained on squares that much wider than the eye
_CORNERS = ((36, 39), (42, 45))  # landmarks of the eyes, the image's left one first, each from left to right


class IrisFinder:
    """Finds the middle of both irises. Not for use by two threads at once."""

    def __init__(self) -> None:
        self._network = zoo.LiteRtRunner(zoo.fetch("iris"))

    def gaze(self, image: NDArray[np.uint8], landmarks: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """How far each iris stands from the middle between its eye's corners.

        Args:
            image: (H, W, 3) RGB.
            landmarks: (68, 2).

        Returns:
            (2, 2): for the image's left and right eye the offset along and across the line through its corners, in
            its length; image right and down positive for an upright face.
        """
        offsets = []
        for left, right in _CORNERS:
            a, b = landmarks[left].astype(np.float64), landmarks[right].astype(np.float64)
            along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6) ** 2
            offset = self._iris(image, a, b, mirrored=left == 42) - (a + b) / 2
            offsets.append((offset @ along, along[0] * offset[1] - along[1] * offset[0]))
        return np.array(offsets)

    def _iris(
        self, image: NDArray[np.uint8], a: NDArray[np.float64], b: NDArray[np.float64], *, mirrored: bool
    ) -> NDArray[np.float64]:
        """(2,) pixels of the iris between the corners `a` and `b`; the network knows one eye, the other is mirrored."""
        middle, half = (a + b) / 2, max(float(np.hypot(*(b - a))), 2.0) / 2
        box = np.concatenate([middle - half, middle + half]).astype(np.float32)
        region = Region.of(Detection(box, 1.0, float(np.arctan2(*(b - a)[::-1]))))
        matrix = region.matrix(_SIDE, _MARGIN)
        crop = warp(image, matrix, _SIDE, cubic=False).astype(np.float32) / 255  # (64, 64, 3)
        outputs = self._network(np.ascontiguousarray(crop[:, ::-1] if mirrored else crop)[None])
        iris = next(values for values in outputs if values.size == 15).reshape(5, 3)[0, :2].astype(np.float64)
        if mirrored:
            iris[0] = _SIDE - 1 - iris[0]
        return np.asarray(transform(iris[None], invert(matrix))[0])
