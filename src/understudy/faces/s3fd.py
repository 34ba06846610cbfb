"""The field's reference detector: S3FD, from the package `face-alignment`.

Zhang et al., "S3FD: Single Shot Scale-invariant Face Detector", ICCV 2017.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.detection import Detection, merge_detections
from understudy.faces.face_alignment_weights import fill, import_package, load_weights

_FILE = "s3fd-619a316812.pth"
_LONGEST = 640  # pixels of the input's longer side
_CANDIDATE = 0.3  # hits below this are noise and do not take part in merging


class S3FD:
    """Finds upright faces, small ones above all; some twenty times slower than BlazeFace on a CPU."""

    name = "s3fd"
    smallest = 20 / _LONGEST

    def __init__(self) -> None:
        sfd = import_package("face_alignment.detection.sfd.net_s3fd")
        self._detect = import_package("face_alignment.detection.sfd.detect").detect
        self._network = fill(sfd.s3fd(), load_weights(_FILE), _FILE)

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Find faces in an (H, W, 3) RGB image; the most confident first. Roll is not told."""
        height, width = image.shape[:2]
        scale = min(1.0, _LONGEST / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
        rows = np.asarray(self._detect(self._network, small, "cpu")[0], np.float64).reshape(-1, 5)
        rows = rows[rows[:, 4] >= _CANDIDATE]
        # Priors lie in the middle of cells that are counted from the image's edge.
        boxes = rows[:, :4] * np.tile([width / size[0], height / size[1]], 2) - 0.5
        return merge_detections(
            [Detection(box.astype(np.float32), float(score)) for box, score in zip(boxes, rows[:, 4], strict=True)]
        )
