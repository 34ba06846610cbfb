"""A picture that shows what was found in a frame."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from understudy.faces.align import face_matrix, invert, transform
from understudy.faces.face import Face, FaceType

_OPEN_LINES = (range(17), range(17, 22), range(22, 27), (*range(27, 36), 30))
_LOOPS = (range(36, 42), range(42, 48), range(48, 60), range(60, 68))
_GREEN, _BLUE, _RED = (0, 255, 0), (0, 0, 255), (255, 0, 0)
_SUBPIXEL_BITS = 4


def draw_debug(image: NDArray[np.uint8], faces: Sequence[Face], face_type: FaceType) -> NDArray[np.uint8]:
    """Draw the faces of a frame: landmarks green, box blue, crop square red with a triangle where its up is.

    Args:
        image: (H, W, 3) RGB; stays as it is.
        faces: of that frame.
        face_type: geometry of the crop square.

    Returns:
        (H, W, 3) RGB.
    """
    canvas = np.ascontiguousarray(image).copy()
    for face in faces:
        to_frame = invert(face_matrix(face.landmarks, face_type, 1))
        left, top, right, bottom = face.box
        _line(canvas, [(left, top), (right, top), (right, bottom), (left, bottom)], _BLUE, closed=True, width=2)
        _line(canvas, transform([(0, 0), (1, 0), (1, 1), (0, 1)], to_frame), _RED, closed=True, width=2)
        _line(canvas, transform([(0.05, 0.0), (0.1, 0.1), (0.0, 0.1)], to_frame), _RED, closed=True, width=2)
        for lines, closed in ((_OPEN_LINES, False), (_LOOPS, True)):
            for line in lines:
                _line(canvas, face.landmarks[list(line)], _GREEN, closed=closed, width=1)
        for index, point in enumerate(_fixed(face.landmarks)):
            radius = 2 if index < 17 else 1
            cv2.circle(canvas, point.tolist(), radius << _SUBPIXEL_BITS, _GREEN, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
    return canvas


def _line(
    canvas: NDArray[np.uint8], points: ArrayLike, color: tuple[int, int, int], *, closed: bool, width: int
) -> None:
    cv2.polylines(canvas, [_fixed(points)], closed, color, width, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(points: ArrayLike) -> NDArray[np.int32]:
    """(N, 2) points in OpenCV's fixed-point pixels."""
    limit = 2.0 ** (24 - _SUBPIXEL_BITS)
    fixed = np.clip(np.asarray(points, np.float64), -limit, limit) * 2**_SUBPIXEL_BITS
    return np.asarray(np.rint(fixed), np.int32)
