"""A thorough look for faces: close-ups, small faces and rolled heads, with any detector."""

import math
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import invert
from understudy.faces.backends import FaceDetector
from understudy.faces.detection import Detection, merge_detections

_SURE = 0.85  # of upright faces in the sample footage, two in three are surer; of upside-down ones, one in forty
_CLOSE_UP = 384  # pixels on the longer side are plenty for a face that fills the frame


def search(detector: FaceDetector, image: NDArray[np.uint8], *, min_face: float, rotate: bool) -> list[Detection]:
    """Look at an image in every way in which a face may be found.

    Always: at the whole image; at the same with a wide border, since a face that fills the image is taken for
    background (of the sample footage cropped to the face, the border raises the share found from 7 to 95 %); and
    at tiles of it where `min_face` is less than the detector sees in the whole. With `rotate`, and if no face was
    sure: at the image turned by a quarter to either side and by a half.

    Args:
        image: (H, W, 3) RGB.
        min_face: side in pixels of the smallest face wanted.
        rotate: whether to turn the image.

    Returns:
        The most confident first. A face that was seen two ways round is there twice: let the landmarker judge.
    """
    hits = detector.detect(image) + _bordered(detector, image) + _tiled(detector, image, min_face)
    if rotate and all(hit.confidence < _SURE for hit in hits):
        hits += [hit for turns in (1, 2, 3) for hit in _turned(detector, image, turns)]
    return merge_detections(hits)


def _bordered(detector: FaceDetector, image: NDArray[np.uint8]) -> list[Detection]:
    """Look at the image in the middle of a black canvas of twice its size."""
    height, width = image.shape[:2]
    scale = min(1.0, _CLOSE_UP / max(height, width))
    small = cv2.resize(
        image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    rows, columns = small.shape[0] // 2, small.shape[1] // 2
    canvas = cv2.copyMakeBorder(small, rows, rows, columns, columns, cv2.BORDER_CONSTANT)
    back = np.array([[1 / scale, 0, (0.5 - columns) / scale - 0.5], [0, 1 / scale, (0.5 - rows) / scale - 0.5]])
    return [hit.through(back) for hit in detector.detect(np.asarray(canvas, np.uint8))]


def _tiled(detector: FaceDetector, image: NDArray[np.uint8], min_face: float) -> list[Detection]:
    """Look at tiles in which a face of `min_face` is large enough; empty where the whole image already is one.

    Tiles overlap by the smallest face seen in the whole image, so that a face that is cut by a tile's edge is whole
    in another or large enough for the first look.
    """
    longer = max(image.shape[:2])
    side = math.floor(max(min_face, 1) / detector.smallest)
    overlap = math.ceil(longer * detector.smallest)
    if side >= longer:
        return []
    step = max(side - overlap, side // 4, 1)
    hits: list[Detection] = []
    for top, left in product(*(_starts(length, side, step) for length in image.shape[:2])):
        moved = np.array([[1.0, 0.0, left], [0.0, 1.0, top]])
        tile = np.ascontiguousarray(image[top : top + side, left : left + side])
        hits += [hit.through(moved) for hit in detector.detect(tile)]
    return hits


def _starts(length: int, side: int, step: int) -> list[int]:
    """Where tiles of `side` begin so that they cover `length`, at most `step` apart and the last flush with the end."""
    count = 1 + max(0, math.ceil((length - side) / step))
    return [round(index * max(0, length - side) / max(1, count - 1)) for index in range(count)]


def _turned(detector: FaceDetector, image: NDArray[np.uint8], turns: int) -> list[Detection]:
    """Look at the image turned by `turns` quarters, clockwise as seen."""
    height, width = image.shape[:2]
    forth = {
        1: np.array([[0.0, -1.0, height - 1], [1.0, 0.0, 0.0]]),
        2: np.array([[-1.0, 0.0, width - 1], [0.0, -1.0, height - 1]]),
        3: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1]]),
    }[turns]
    back = invert(forth)
    return [hit.through(back) for hit in detector.detect(np.ascontiguousarray(np.rot90(image, -turns)))]
