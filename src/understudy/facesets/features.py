"""What is known of a face: its traits, which the metadata tell, and its measures, which the pixels must be read for."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces import umeyama
from understudy.faces.align import transform
from understudy.faces.template import ALIGNMENT_LANDMARKS, ALIGNMENT_TEMPLATE
from understudy.facesets.expression import eye_open, gaze, mouth_open
from understudy.facesets.face_file import FaceFile
from understudy.facesets.metadata import FaceMetadata
from understudy.facesets.sharpness import detail, sharpness

THUMBNAIL = 16  # pixels a side
COLORS = (3, 256)
_EDGE = 3  # pixels left out around the face, so that its outline against the background does not count
_BLACK = 4  # levels that JPEG makes of black


@dataclass(frozen=True)
class Traits:
    """From the metadata.

    Attributes:
        clip, frame, time: where the face comes from.
        original_name: file name before the set was first renumbered.
        face_type, size: of the crop; size in pixels.
        pitch, yaw, roll: radians, in the signs of `Pose`.
        confidence: 0..1, of the detector.
        track: number of the track, -1 where there is none.
        interpolated: 1 where the face was not seen but placed between those before and after, else 0.
        rect_size: area of the box in the frame, square pixels.
        residual: how far the landmarks lie from the mean face, root mean square in its sides: large where an
            alignment is bad, or the head turned far away.
        mouth_open, eye_open: gaps in lengths of the nose.
    """

    clip: str
    frame: int
    time: float
    original_name: str | None
    face_type: str
    size: int
    pitch: float
    yaw: float
    roll: float
    confidence: float
    track: int
    interpolated: int
    rect_size: float
    residual: float
    mouth_open: float
    eye_open: float

    @classmethod
    def of(cls, metadata: FaceMetadata) -> "Traits":
        """The traits that `metadata` tell.

        Raises:
            UnderstudyError: the landmarks are no face.
        """
        left, top, right, bottom = metadata.box
        landmarks = np.asarray(metadata.source_landmarks, np.float64)
        placed = landmarks[ALIGNMENT_LANDMARKS]
        off = transform(placed, umeyama(placed, ALIGNMENT_TEMPLATE)) - ALIGNMENT_TEMPLATE
        return cls(
            clip=metadata.source.clip,
            frame=metadata.source.frame,
            time=metadata.source.time,
            original_name=metadata.original_name,
            face_type=metadata.face_type,
            size=metadata.size,
            pitch=metadata.pose.pitch,
            yaw=metadata.pose.yaw,
            roll=metadata.pose.roll,
            confidence=metadata.confidence,
            track=metadata.track,
            interpolated=int(metadata.interpolated),
            rect_size=abs((right - left) * (bottom - top)),
            residual=float(np.sqrt(np.mean(np.sum(off**2, axis=1)))),
            mouth_open=mouth_open(landmarks),
            eye_open=eye_open(landmarks),
        )


@dataclass(frozen=True, eq=False)
class Measures:
    """From the pixels of the face: the convex hull of its landmarks, as far as the frame reaches.

    Attributes:
        sharpness: 0..1, see `sharpness`.
        detail: see `detail`.
        brightness: mean of the HSV value, 0..255.
        hue: circular mean, weighted by saturation, in degrees 0..360.
        black: share of black pixels in the whole picture, 0..1: what lies outside of the frame, above all.
        gaze_x, gaze_y: see `gaze`; not a number where no eye is open.
        colors: (3, 256) float16: square roots of the shares of the levels of red, green and blue, so that a scalar
            product of two rows is their Bhattacharyya coefficient.
        thumbnail: (16, 16, 3) uint8 RGB of the whole picture.
    """

    sharpness: float
    detail: float
    brightness: float
    hue: float
    black: float
    gaze_x: float
    gaze_y: float
    colors: NDArray[np.float16]
    thumbnail: NDArray[np.uint8]


def measure(file: FaceFile) -> Measures:
    """Decode a face and measure it.

    Raises:
        UnderstudyError: it cannot be read, or its size is not what its metadata say.
    """
    return measure_pixels(file.aligned().image, np.asarray(file.metadata.landmarks, np.float64))


def measure_pixels(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> Measures:
    """Measure a face.

    Args:
        image: (S, S, 3) RGB.
        landmarks: (68, 2) in its pixels.
    """
    black: NDArray[Any] = cv2.inRange(image, (0, 0, 0), (_BLACK, _BLACK, _BLACK))
    hull: NDArray[Any] = hull_of(landmarks, image.shape[0])
    hull[black > 0] = 0
    left, top, width, height = cv2.boundingRect(hull)
    if width * height == 0:  # the landmarks lie elsewhere, or all is black: the whole picture stands for the face
        hull, (left, top, width, height) = np.ones_like(hull), (0, 0, image.shape[1], image.shape[0])
    rows, columns = slice(top, top + height), slice(left, left + width)
    face, inside = image[rows, columns], hull[rows, columns]
    grey: NDArray[Any] = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    within = cv2.erode(inside, np.ones((3, 3), np.uint8), iterations=_EDGE, borderValue=0).astype(bool)
    hsv = cv2.cvtColor(face, cv2.COLOR_RGB2HSV_FULL)[inside > 0].astype(np.float32)  # (n, 3)
    angle = hsv[:, 0] * np.float32(2 * np.pi / 256)
    hue = np.arctan2(np.sum(np.sin(angle) * hsv[:, 1]), np.sum(np.cos(angle) * hsv[:, 1]))
    shown = face[inside > 0]  # (n, 3)
    counts = np.stack([np.bincount(shown[:, channel], minlength=COLORS[1]) for channel in range(COLORS[0])])
    gaze_x, gaze_y = gaze(grey, landmarks)
    face_grey: NDArray[Any] = np.ascontiguousarray(grey[rows, columns])
    thumbnail: NDArray[Any] = cv2.resize(image, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    return Measures(
        sharpness=sharpness(face_grey, within),
        detail=detail(face_grey, within),
        brightness=float(hsv[:, 2].mean()),
        hue=float(np.degrees(hue)) % 360,
        black=cv2.countNonZero(black) / black.size,
        gaze_x=gaze_x,
        gaze_y=gaze_y,
        colors=np.sqrt(counts / counts.sum(axis=1, keepdims=True)).astype(np.float16),
        thumbnail=thumbnail,
    )


def hull_of(landmarks: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """(size, size): 1 within the convex hull of all landmarks, jaw to brows."""
    mask = np.zeros((size, size), np.uint8)
    points = np.rint(np.clip(np.nan_to_num(landmarks), -4 * size, 4 * size)).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(points), 1)
    return mask
