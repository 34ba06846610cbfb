"""A second detector: CenterFace, run by ONNX Runtime.

Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2020.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.faces.detection import Detection, merge_detections
from understudy.project.errors import UnderstudyError

_LONGEST = 640  # pixels of the input's longer side
_STEP = 32  # the input's sides are multiples of this
_STRIDE = 4  # one cell of the answer for every 4 x 4 pixels
_CANDIDATE = 0.3  # hits below this are noise and do not take part in merging

# The file declares its input as ten pictures of 32 pixels, though the network takes any. In the file's encoding a
# dimension is a field of two bytes; an empty name, as long, leaves it open.
_FIXED = b"\x0a\x02\x08\x0a\x0a\x02\x08\x03\x0a\x02\x08\x20\x0a\x02\x08\x20"
_OPEN = b"\x0a\x02\x12\x00\x0a\x02\x08\x03\x0a\x02\x12\x00\x0a\x02\x12\x00"


class CenterFace:
    """Finds faces within some 60 degrees of upright, small ones and covered ones above all."""

    name = "centerface"
    smallest = 12 / _LONGEST

    def __init__(self, *, threads: int = 1) -> None:
        path = zoo.fetch("centerface")
        network = path.read_bytes()
        if network.count(_FIXED) != 1:
            raise UnderstudyError(f"cannot run the model file {path}: its input is not the one that is expected")
        self._network = zoo.OnnxRunner(network.replace(_FIXED, _OPEN), threads=threads)

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Find faces in an (H, W, 3) RGB image; the most confident first."""
        scale, canvas = _letterbox(image)
        heat, size, offset, points = (answer[0] for answer in self._network(canvas))  # (C, h, w) each
        rows, columns = np.nonzero(heat[0] >= _CANDIDATE)
        cells = np.stack([columns, rows], axis=-1)  # (N, 2) x, y
        extent = np.exp(np.clip(size[::-1, rows, columns].T, -5, 6)) * _STRIDE  # (N, 2); the network says y before x
        middle = (cells + offset[::-1, rows, columns].T + 0.5) * _STRIDE
        low = middle - extent / 2
        eyes = points[:4, rows, columns].T.reshape(-1, 2, 2)[..., ::-1] * extent[:, None]  # (N, image-left and -right)
        across = eyes[:, 1] - eyes[:, 0]
        rolls = np.arctan2(across[:, 1], across[:, 0])
        # The network counts from the image's edge; this program from the middle of the first pixel.
        boxes = (np.concatenate([low, low + extent], axis=1) / scale - 0.5).astype(np.float32)  # (N, 4)
        scores = np.clip(heat[0, rows, columns], 0, 1)
        hits = zip(boxes, scores, rolls, strict=True)
        return merge_detections([Detection(box, float(score), float(roll)) for box, score, roll in hits])


def _letterbox(image: NDArray[np.uint8]) -> tuple[float, NDArray[np.float32]]:
    """Shrink the image into the top left of the input, (1, 3, h, w) float32 RGB 0..255; black around it."""
    height, width = image.shape[:2]
    scale = min(_LONGEST / max(height, width), 2.0)
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = cv2.resize(image, target, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas = np.zeros((-(-target[1] // _STEP) * _STEP, -(-target[0] // _STEP) * _STEP, 3), np.float32)
    canvas[: target[1], : target[0]] = resized
    return scale, np.ascontiguousarray(canvas.transpose(2, 0, 1)[None])
