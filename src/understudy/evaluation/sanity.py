"""Results whose scores are known beforehand: what any benchmark must put at its ends."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.footage import Footage
from understudy.evaluation.reference import Reference
from understudy.faces import face_matrix, invert, transform, warp
from understudy.masks import hull_mask, shape_mask

_SIDE = 256  # of the mean face, in the crop of a full face
_ERODE, _BLUR = 2.0, 8.0  # pixels of the mean face


def mean_face(src: Footage) -> NDArray[np.uint8]:
    """The mean (256, 256, 3) of all aligned faces of a clip."""
    total = np.zeros((_SIDE, _SIDE, 3))
    for pixels, points in zip(src.frames, src.landmarks, strict=True):
        total += warp(pixels, face_matrix(points, "full", _SIDE), _SIDE)
    return np.rint(total / len(src)).astype(np.uint8)


def pasted(face: NDArray[np.uint8], reference: Reference) -> NDArray[np.uint8]:
    """dst's frames (N, S, S, 3) with one unmoving aligned face laid over every face by its exact landmarks."""
    size = reference.dst.frames.shape[1]
    result = reference.dst.frames.copy()
    for picture, points in zip(result, reference.dst.landmarks, strict=True):
        matrix = face_matrix(points, "full", _SIDE)
        hull = hull_mask(transform(points, matrix).astype(np.float32), _SIDE, _SIDE)
        mask = _back(shape_mask(hull, erode=_ERODE, blur=_BLUR), matrix, size)[..., None]
        picture[:] = np.rint(picture + mask * (_back(face.astype(np.float32), matrix, size) - picture))
    return result


def _back(image: NDArray[Any], matrix: NDArray[np.float64], size: int) -> NDArray[Any]:
    return cv2.warpAffine(image, invert(matrix), (size, size), flags=cv2.INTER_LINEAR)
