"""The default detector: BlazeFace, full-range.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.faces.detection import Detection, merge_detections

_SIDE = 192  # of the network's input
_STRIDE = 4  # one anchor in the middle of every 4 x 4 cell
_CANDIDATE = 0.3  # hits below this are noise and do not take part in merging


class BlazeFace:
    """Finds faces within some 45 degrees of upright."""

    name = "blazeface"
    smallest = 10 / _SIDE  # measured on the sample footage: all are found at 10 pixels of the input, 9 in 10 at 8

    def __init__(self, *, threads: int = 1) -> None:
        self._network = zoo.LiteRtRunner(zoo.fetch("blazeface-full-range"), threads=threads)
        cells = (np.arange(_SIDE // _STRIDE, dtype=np.float32) + 0.5) * _STRIDE
        self._anchors = np.stack(np.meshgrid(cells, cells), axis=-1).reshape(-1, 2)  # (2304, 2) x, y

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Find faces in an (H, W, 3) RGB image; the most confident first."""
        scale, squared = _letterbox(image)
        regressed, logits = self._network(squared)
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits[0, :, 0], -50, 50)))  # (2304,)
        found = np.flatnonzero(scores >= _CANDIDATE)
        values, anchors = regressed[0, found], self._anchors[found]  # (N, 16), (N, 2)
        # The network counts from the image's edge; this program from the middle of the first pixel.
        centre = (values[:, :2] + anchors) / scale - 0.5
        size = values[:, 2:4] / scale
        boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1).astype(np.float32)  # (N, 4)
        rolls = np.arctan2(values[:, 7] - values[:, 5], values[:, 6] - values[:, 4])  # from eye to eye
        hits = [
            Detection(box, float(score), float(roll))
            for box, score, roll in zip(boxes, scores[found], rolls, strict=True)
        ]
        return merge_detections(hits)


def _letterbox(image: NDArray[np.uint8]) -> tuple[float, NDArray[Any]]:
    """Shrink the image into the top left of the square input, (1, 192, 192, 3) float32 -1..1; black around it."""
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = cv2.resize(image, target, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.full((1, _SIDE, _SIDE, 3), -1.0, np.float32)
    square[0, : target[1], : target[0]] = resized.astype(np.float32) / 127.5 - 1.0
    return scale, square
