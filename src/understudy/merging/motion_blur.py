"""Blur a face by its own motion while the shutter was open."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import face_matrix, invert, transform
from understudy.faces.face import FaceType
from understudy.merging.moment import Moment

_MOST = 64  # exposures that are averaged; less than a pixel apart, unless the face passes more than these
_STILL = 0.1  # frame pixels: a shorter way cannot be seen

Matrix = NDArray[np.float64]


def exposures(landmarks: NDArray[np.float32], moment: Moment, face_type: FaceType, *, shutter: float) -> list[Matrix]:
    """Where the face was while the shutter was open, relative to where it is.

    The face's square is taken on a straight way to its place one frame earlier and one frame later, turned and zoomed
    as it was; of a face that is not known earlier, the way back is the way ahead, mirrored, and the other way round.

    Args:
        landmarks: (68, 2) in frame pixels.
        moment: the same one frame earlier and later.
        face_type: the geometry of the square that is followed.
        shutter: how long it is open around the frame's time, in frames: 0.5 is a shutter of 180 degrees.

    Returns:
        (2, 3) similarities from frame pixels to frame pixels, evenly spread over time, close enough that no ghosts are
        seen; none where the face stands still or where neither neighbour is known.
    """
    now = face_matrix(landmarks, face_type, 1)
    before, after = moment.before, moment.after
    if after is not None:
        ahead = _motion(now, after, face_type)
        back = -ahead if before is None else _motion(now, before, face_type)
    elif before is not None:
        back = _motion(now, before, face_type)
        ahead = -back
    else:
        return []
    square = transform([(0, 0), (1, 0), (1, 1), (0, 1)], invert(now))
    way = shutter * max(np.linalg.norm(transform(square, motion), axis=1).max() for motion in (ahead, back))
    if way < _STILL:
        return []
    count = min(math.ceil(way) + 1, _MOST)
    times = ((np.arange(count) + 0.5) / count - 0.5) * shutter
    still = np.eye(2, 3)
    return [still + abs(time) * (ahead if time > 0 else back) for time in times]


def motion_kernel_as_dfl(
    landmarks: NDArray[np.float32], moment: Moment, power: float, *, enlarged: bool
) -> NDArray[np.float32] | None:
    """DeepFaceLab's kernel for the face's crop: the way from the frame before to the one after, as a line of pixels.

    Args:
        power: 0..100.
        enlarged: whether super resolution enlarged the crop.

    Returns:
        (k, k) float32 of sum 1; None where nothing moves.
    """
    if moment.before is None and moment.after is None:
        return None
    before, after = (
        transform([(127.0, 127.0)], invert(face_matrix(landmarks if there is None else there, "full", 256)))[0]
        for there in (moment.before, moment.after)
    )
    x, y = after - before
    length = int(math.hypot(x, y) * power / 100.0)
    if length < 1:
        return None
    size = min(max(length + 1, 2), 50) * (2 if enlarged else 1)
    kernel = np.zeros((size, size), np.float32)
    kernel[(size - 1) // 2] = 1.0
    turn = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), -math.degrees(math.atan2(y, x)), 1.0)
    turned = np.asarray(cv2.warpAffine(kernel, turn, (size, size)), np.float32)
    return np.asarray(turned / turned.sum(), np.float32)


def _motion(now: Matrix, there: NDArray[np.float32], face_type: FaceType) -> Matrix:
    """(2, 3): by how much a frame pixel moves on its way to where the face is `there`."""
    to_there = invert(face_matrix(there, face_type, 1))
    linear = to_there[:, :2] @ now[:, :2]
    return np.column_stack([linear, to_there[:, :2] @ now[:, 2] + to_there[:, 2]]) - np.eye(2, 3)
