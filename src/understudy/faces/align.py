"""The crop geometries: from landmarks to a square face image and back."""

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from understudy.faces.face import AlignedFace, Face, FaceType
from understudy.faces.template import ALIGNMENT_LANDMARKS, ALIGNMENT_TEMPLATE
from understudy.faces.umeyama import umeyama
from understudy.media.frame import Frame

_PADDING: dict[FaceType, float] = {"half": 0.0, "mid": 0.0675, "full": 0.2109375, "whole_face": 0.40, "head": 0.70}
_MARGIN = 4  # pixels around the needed region, for the interpolation kernel


def crop_side(face_type: FaceType) -> float:
    """Side of the crop square, in sides of the mean face."""
    return 1.0 + 2.0 * math.sqrt(2.0) * _PADDING[face_type]


def face_matrix(landmarks: ArrayLike, face_type: FaceType, size: int) -> NDArray[np.float64]:
    """The transform that takes frame pixels to pixels of the aligned face.

    The square's corners fall on (0, 0) and (size, size), as the field's face files have it, rather than on the
    edges of the outermost pixels.

    Args:
        landmarks: (68, 2) in frame pixels.
        size: side of the face image in pixels.

    Returns:
        (2, 3) float64.

    Raises:
        UnderstudyError: the landmarks are not numbers or span no face; see `umeyama`.
    """
    points = np.asarray(landmarks, np.float64)
    to_unit = umeyama(points[ALIGNMENT_LANDMARKS], ALIGNMENT_TEMPLATE)
    side = crop_side(face_type)
    corner = _crop_centre(points, to_unit, face_type) - side / 2
    matrix = to_unit.copy()
    matrix[:, 2] -= corner
    return matrix * (size / side)


def align_face(frame: Frame, face: Face, face_type: FaceType, size: int) -> AlignedFace:
    """Cut `face` out of `frame` and bring it to the standard position.

    Only the region under the square is touched. Outside the frame the face is black.

    Args:
        size: side of the face image in pixels.

    Raises:
        UnderstudyError: as `face_matrix`.
    """
    matrix = face_matrix(face.landmarks, face_type, size)
    image = warp(frame.pixels, matrix, size)
    return AlignedFace(
        image=replace(frame, pixels=image, alpha=None, native=None).eight_bit(),
        face_type=face_type,
        matrix=matrix,
        landmarks=transform(face.landmarks, matrix).astype(np.float32),
        face=face,
    )


def warp(pixels: NDArray[Any], matrix: NDArray[np.float64], size: int, *, cubic: bool = True) -> NDArray[Any]:
    """Sample a square through a similarity, without aliasing where it shrinks; black outside of the picture.

    Shrinking samples a finer square and averages it, so that every source pixel counts.

    Args:
        pixels: (H, W, C) uint8, uint16 or float32.
        matrix: (2, 3) similarity from pixels of the picture to pixels of the square.
        size: side of the square in pixels.
        cubic: enlarge with a cubic rather than a linear kernel: sharper, and some three times slower.

    Returns:
        (size, size, C) in the dtype of `pixels`.
    """
    region, matrix = _needed_region(pixels, matrix, size)
    if region.size == 0:
        return np.zeros((size, size, pixels.shape[2]), pixels.dtype)
    while 1.0 / math.sqrt(abs(np.linalg.det(matrix[:, :2]))) >= 3.0:
        region, matrix = _halve(region, matrix)
    finer = max(1, math.ceil(1.0 / math.sqrt(abs(np.linalg.det(matrix[:, :2]))) - 0.02))
    if finer == 1:
        return cv2.warpAffine(region, matrix, (size, size), flags=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    fine = matrix * finer
    fine[:, 2] += (finer - 1) / 2  # pixel q of the square covers finer pixels centred on finer * q + (finer - 1) / 2
    sampled = cv2.warpAffine(region, fine, (size * finer, size * finer), flags=cv2.INTER_LINEAR)
    return cv2.resize(sampled, (size, size), interpolation=cv2.INTER_AREA)


def transform(points: ArrayLike, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take (N, 2) points through a (2, 3) matrix."""
    return np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]


def invert(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (2, 3) matrix that undoes a (2, 3) matrix."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.hstack([linear, -linear @ matrix[:, 2:]])


def _crop_centre(points: NDArray[np.float64], to_unit: NDArray[np.float64], face_type: FaceType) -> NDArray[np.float64]:
    """Centre of the crop square in the unit square: raised for the forehead, and for a head moved with its yaw."""
    if face_type == "whole_face":
        return np.array([0.5, 0.43])
    if face_type == "head":
        x = transform(points, to_unit)[:, 0]
        turn = float(np.mean(x[[16, 15, 14]] - x[[27, 28, 29]]) - np.mean(x[[27, 28, 29]] - x[[0, 1, 2]]))
        return np.array([0.5 + turn * abs(math.tanh(2 * turn)) / 2, 0.0])
    return np.array([0.5, 0.5])


def _needed_region(
    pixels: NDArray[Any], matrix: NDArray[np.float64], size: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Crop the picture to what the square covers; the matrix follows."""
    height, width = pixels.shape[:2]
    corners = transform([(-1, -1), (size, -1), (size, size), (-1, size)], invert(matrix))
    low = np.clip(np.floor(corners.min(axis=0)) - _MARGIN, 0, (width, height)).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + _MARGIN + 1, 0, (width, height)).astype(int)
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ low
    return pixels[low[1] : high[1], low[0] : high[0]], moved


def _halve(region: NDArray[Any], matrix: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Shrink a picture to half by averaging; an odd last row or column is paired with black. The matrix follows."""
    height, width = region.shape[:2]
    even = cv2.copyMakeBorder(region, 0, height % 2, 0, width % 2, cv2.BORDER_CONSTANT)
    half = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    moved = matrix.copy()
    moved[:, :2] *= 2
    moved[:, 2] += matrix[:, :2] @ (0.5, 0.5)  # pixel p of the half covers 2p and 2p + 1, centred on 2p + 0.5
    return half, moved
