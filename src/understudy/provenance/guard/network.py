"""The guard's eyes: NudeNet's `320n`, a YOLOv8n that finds eighteen kinds of covered and bare body parts.

Only what shows a body part bare that intimate imagery is about is read from it.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.media.glimpse import fitted

SIDE = 320
"""Longer side in pixels of the picture that the network was trained on."""

Part = Literal["female genitalia", "male genitalia", "anus", "female breast", "buttocks"]

PARTS: tuple[Part, ...] = get_args(Part)

_ROWS = MappingProxyType(
    {"female genitalia": 4, "male genitalia": 14, "anus": 6, "female breast": 3, "buttocks": 2}
)  # numbers of the exposed classes in the file
_CLASSES = 18
_STRIDE = 32  # the network wants whole multiples
_PAD = 114 / 255  # the grey that YOLOv8 is trained to pass over


@dataclass(frozen=True)
class Exposure:
    """A bare body part in a picture.

    Attributes:
        part: which.
        score: 0..1, how sure the network is.
        box: left, top, right, bottom as shares of the picture's width and height.
    """

    part: Part
    score: float
    box: tuple[float, float, float, float]


class ExposureDetector:
    """Finds bare body parts. Not for use by two threads at once.

    Raises:
        UnderstudyError: the network's file cannot be fetched or run.
    """

    def __init__(self) -> None:
        self._network = zoo.OnnxRunner(zoo.fetch(zoo.GUARD), threads=1)

    def detect(self, image: NDArray[np.uint8]) -> tuple[Exposure, ...]:
        """Of an (H, W, 3) RGB image: for each of `PARTS` the place where it is seen best, however faintly."""
        picture, (width, height) = _letterbox(image)
        return read_detections(self._network(picture)[0], width, height)


def read_detections(output: NDArray[np.float32], width: int, height: int) -> tuple[Exposure, ...]:
    """The best of each part among a YOLOv8 head's proposals.

    Args:
        output: (1, 4 + 18, N) float32: centre x, y, width and height in pixels of the input, then a score per class.
        width: of the image within the network's input, in pixels; likewise `height`.
    """
    proposals = output.reshape(4 + _CLASSES, -1)
    found: list[Exposure] = []
    for part in PARTS:
        scores = np.nan_to_num(proposals[4 + _ROWS[part]], nan=1.0)  # a network gone wrong is no all-clear
        if scores.size == 0:
            continue
        best = int(scores.argmax())
        x, y, w, h = (float(value) for value in np.nan_to_num(proposals[:4, best]))
        left, right = (min(max(edge / width, 0.0), 1.0) for edge in (x - w / 2, x + w / 2))
        top, bottom = (min(max(edge / height, 0.0), 1.0) for edge in (y - h / 2, y + h / 2))
        found.append(Exposure(part, min(max(float(scores[best]), 0.0), 1.0), (left, top, right, bottom)))
    return tuple(found)


def _letterbox(image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """The network's input (1, 3, h, w) float32 RGB 0..1, and width and height of the image in its top left."""
    width, height = fitted(image.shape[1], image.shape[0], SIDE)
    if (height, width) != image.shape[:2]:
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    rows, columns = (-(-side // _STRIDE) * _STRIDE for side in (height, width))
    picture = np.full((1, 3, rows, columns), _PAD, np.float32)
    picture[0, :, :height, :width] = image.transpose(2, 0, 1).astype(np.float32) / 255
    return picture, (width, height)
