"""Where a face seems to be, before its landmarks are known."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SAME_WAY = 0.6  # radians


@dataclass(frozen=True, eq=False)
class Detection:
    """One hit of a detector.

    Attributes:
        box: (4,) float32: left, top, right, bottom in image pixels.
        confidence: 0..1.
        roll: angle of the line from the image-left to the image-right eye of the upright face, radians, clockwise as
            seen on the image; 0 where the detector cannot tell.
    """

    box: NDArray[np.float32]
    confidence: float
    roll: float = 0.0

    def through(self, matrix: NDArray[np.float64]) -> "Detection":
        """The detection as a (2, 3) similarity moves it; its box stays upright."""
        linear = matrix[:, :2]
        centre = linear @ (self.box[:2] + self.box[2:]) / 2 + matrix[:, 2]
        half = np.abs(linear) @ (self.box[2:] - self.box[:2]) / 2
        turn = self.roll + math.atan2(linear[1, 0], linear[0, 0])
        return Detection(
            box=np.concatenate([centre - half, centre + half]).astype(np.float32),
            confidence=self.confidence,
            roll=math.remainder(turn, math.tau),
        )


@dataclass(frozen=True)
class Region:
    """A square around a face, turned with it.

    Attributes:
        x, y: centre in image pixels.
        side: the face's longer side in pixels, without margin; at least 1.
        roll: radians, clockwise as seen on the image.
    """

    x: float
    y: float
    side: float
    roll: float

    @staticmethod
    def of(detection: Detection) -> "Region":
        """The square around a detection."""
        left, top, right, bottom = (float(edge) for edge in detection.box)
        return Region((left + right) / 2, (top + bottom) / 2, max(1.0, right - left, bottom - top), detection.roll)

    def matrix(self, size: int, margin: float) -> NDArray[np.float64]:
        """(2, 3) from image pixels to pixels of a `size` square that shows `margin` times the region, upright.

        Both count pixel centres at integers; the square's outer edges fall on the region's.
        """
        scale = size / (self.side * margin)
        cos, sin = math.cos(self.roll) * scale, math.sin(self.roll) * scale
        linear = np.array([[cos, sin], [-sin, cos]])
        centre = np.array([self.x, self.y])
        return np.hstack([linear, ((size - 1) / 2 - linear @ centre)[:, None]])


def overlap(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one (4,) box with (N, 4) boxes, (N,)."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    area = np.clip(box[2:] - box[:2], 0, None).prod() + np.clip(others[:, 2:] - others[:, :2], 0, None).prod(axis=1)
    return np.asarray(shared / np.maximum(area - shared, 1e-9), np.float32)


def merge_detections(detections: list[Detection], *, threshold: float = 0.3) -> list[Detection]:
    """Merge hits of one face: each group that overlaps its most confident member becomes their weighted mean.

    The weighted non-maximum suppression of BlazeFace (Bazarevsky et al., 2019), which trembles less from frame to
    frame than keeping the best box alone. Hits that take the face to stand another way round are another opinion of it
    and stay apart.

    Args:
        threshold: least intersection over union with the most confident member.

    Returns:
        The most confident first.
    """
    rest = sorted(detections, key=lambda hit: -hit.confidence)
    merged: list[Detection] = []
    while rest:
        boxes = np.stack([hit.box for hit in rest])  # (N, 4)
        turns = np.array([math.remainder(hit.roll - rest[0].roll, math.tau) for hit in rest])  # (N,)
        same = (overlap(boxes[0], boxes) >= threshold) & (np.abs(turns) < _SAME_WAY)
        same[0] = True  # whatever a degenerate box's overlap with itself
        weights = same * [hit.confidence for hit in rest]
        weights /= weights.sum()
        merged.append(
            Detection(
                box=(weights @ boxes).astype(np.float32),
                confidence=rest[0].confidence,
                roll=math.remainder(rest[0].roll + float(weights @ turns), math.tau),
            )
        )
        rest = [hit for hit, is_same in zip(rest, same, strict=True) if not is_same]
    return merged
