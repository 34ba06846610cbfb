"""What can be measured of a face in a picture: landmarks, pose, and signs of what it does and where it looks."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.iris import IrisFinder
from understudy.faces import ExtractSettings, Face, face_matrix, find_faces, transform
from understudy.media import Frame

_SETTINGS = ExtractSettings(detect_every=1, rotate=False, min_face=16)  # every frame for itself
_SIGNS = 13  # of what a face does
_NEAR = 0.5  # of the expected face's width: a face whose middle is farther away is somebody else's


@dataclass(frozen=True, eq=False)
class Measured:
    """N frames; NaN where no face was found.

    Attributes:
        landmarks: (N, 68, 2) pixels, of the default detector and landmarker.
        poses: (N, 3) pitch, yaw and roll in radians, from the landmarks.
        signs: (N, K) what the features of a face do, in widths of the mean face, roll undone.
        gaze: (N, 4) offsets of the irises from the middle of their eyes: left along, left across, right along, right
            across the line through the corners, in its length.
    """

    landmarks: NDArray[np.float64]
    poses: NDArray[np.float64]
    signs: NDArray[np.float64]
    gaze: NDArray[np.float64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """(N,) whether there was a face."""
        return np.asarray(np.isfinite(self.poses).all(axis=1))

    @property
    def of_expression(self) -> NDArray[np.float64]:
        """(N, 17) what a `Calibration` tells expressions from."""
        turn = self.poses[:, :2]
        return np.concatenate([self.signs, turn, turn**2], axis=1)

    @property
    def of_gaze(self) -> NDArray[np.float64]:
        """(N, 13) what a `Calibration` tells the gaze from: a turned eye shows less of a shift."""
        turn, yaw = self.poses[:, :2], self.poses[:, 1:2]
        return np.concatenate([self.gaze, self.gaze * yaw, turn, yaw**2, self.signs[:, 7:9]], axis=1)


def measure(frames: NDArray[np.uint8], expected: NDArray[np.floating[Any]]) -> Measured:
    """Find one face in each frame and measure it; every frame is looked at for itself, on all cores.

    Args:
        frames: (N, H, W, 3) RGB.
        expected: (N, 68, 2) landmarks near which the face must lie.

    Raises:
        UnderstudyError: a network cannot be fetched.
    """
    count = os.cpu_count() or 1
    shares = [share for share in np.array_split(np.arange(len(frames)), count) if len(share)]
    with ThreadPoolExecutor(count) as pool:
        parts = list(pool.map(lambda share: _measure(frames[share], expected[share]), shares))
    return Measured(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _measure(frames: NDArray[np.uint8], expected: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float64], ...]:
    irises = IrisFinder()
    count = len(frames)
    landmarks, poses = np.full((count, 68, 2), np.nan), np.full((count, 3), np.nan)
    signs, gaze = np.full((count, _SIGNS), np.nan), np.full((count, 4), np.nan)
    stream = (Frame(pixels, index, Fraction(index)) for index, pixels in enumerate(frames))
    for frame, faces in find_faces(stream, _SETTINGS):
        face = _nearest(faces, expected[frame.index])
        if face is not None:
            k = frame.index
            landmarks[k] = face.landmarks
            poses[k] = face.pose.pitch, face.pose.yaw, face.pose.roll
            signs[k] = _signs(landmarks[k])
            gaze[k] = irises.gaze(frame.pixels, landmarks[k]).ravel()
    return landmarks, poses, signs, gaze


def _nearest(faces: Sequence[Face], expected: NDArray[np.floating[Any]]) -> Face | None:
    middle, width = expected.mean(axis=0), float(np.ptp(expected, axis=0).max())
    away = [float(np.hypot(*(face.landmarks.mean(axis=0) - middle))) for face in faces]
    return faces[int(np.argmin(away))] if away and min(away) < _NEAR * width else None


def _signs(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The `_SIGNS`: openings, widths and heights that expressions change."""
    p = transform(landmarks, face_matrix(landmarks, "half", 1))
    lid_left = (p[41] + p[40] - p[37] - p[38])[1] / 2
    lid_right = (p[47] + p[46] - p[43] - p[44])[1] / 2
    eyes = p[36:48, 1].mean()
    lips = (p[62, 1] + p[66, 1]) / 2
    return np.array(
        [
            p[65:68, 1].mean() - p[61:64, 1].mean(),  # inner lips, open
            p[57, 1] - p[51, 1],  # outer lips, open
            p[54, 0] - p[48, 0],  # mouth, wide
            lips - p[48, 1],  # its corners, raised
            lips - p[54, 1],
            p[8, 1] - p[33, 1],  # chin under the nose
            p[51, 1] - p[33, 1],  # upper lip under the nose
            lid_left,
            lid_right,
            eyes - p[17:22, 1].mean(),  # brows over the eyes
            eyes - p[22:27, 1].mean(),
            p[22, 0] - p[21, 0],  # between the brows
            p[62, 0] - p[33, 0],  # mouth to the side of the nose
        ]
    )
