"""A face between two sights of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import invert, transform
from understudy.faces.face import Face
from understudy.faces.pose import head_pose
from understudy.faces.template import ALIGNMENT_LANDMARKS, ALIGNMENT_TEMPLATE
from understudy.faces.umeyama import umeyama

_Seen = tuple[float, Face]


def interpolate_faces(before: Sequence[_Seen], after: Sequence[_Seen], times: Sequence[float]) -> list[Face]:
    """Where a face is at moments at which it was not seen.

    Its place, size and turn (the similarity that aligns it) follow a cubic Hermite curve that leaves with the speed
    in which the face was lost and arrives with that in which it was found, without overshoot: as in Fritsch and
    Carlson, "Monotone Piecewise Cubic Interpolation", 1980. The shape that the similarity leaves is mixed evenly.

    Args:
        before: sights with their times in seconds, the latest last; all of them give the speed.
        after: as many or fewer or more, the earliest first.
        times: seconds, all between the two.

    Raises:
        UnderstudyError: landmarks that span no face.
    """
    (start, first), (end, last) = before[-1], after[0]
    stances = [_stance(face) for _, face in (*before, *after)]  # (4,) x, y, log size, turn
    turns = np.unwrap([stance[3] for stance in stances])
    rows = np.column_stack([np.array(stances)[:, :3], turns])  # (n, 4)
    count, span = len(before), end - start
    leap = rows[count] - rows[count - 1]
    leaving = _tangent([time for time, _ in before], rows[:count], span, leap)
    arriving = _tangent([time for time, _ in after], rows[count:], span, leap)
    faces = []
    for time in times:
        t = (time - start) / span
        stance = rows[count - 1] + leap * (3 * t**2 - 2 * t**3)
        stance = stance + leaving * (t**3 - 2 * t**2 + t) + arriving * (t**3 - t**2)
        faces.append(_placed(first, last, stance, t))
    return faces


def _tangent(
    times: Sequence[float], rows: NDArray[np.float64], span: float, leap: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(4,) change over the whole span at the speed of some sights, no more than keeps the curve monotone."""
    if len(times) < 2:
        return leap
    moments = np.asarray(times) - np.mean(times)
    slope = moments @ (rows - rows.mean(axis=0)) / (moments @ moments)
    return np.asarray(np.where(slope * leap > 0, np.sign(leap) * np.minimum(np.abs(slope * span), 3 * np.abs(leap)), 0))


def _stance(face: Face) -> NDArray[np.float64]:
    """(4,) where the middle of the aligned square lies, the logarithm of its side and its turn, in the frame."""
    matrix = invert(umeyama(face.landmarks[ALIGNMENT_LANDMARKS], ALIGNMENT_TEMPLATE))
    x, y = transform([(0.5, 0.5)], matrix)[0]
    return np.array([x, y, np.log(np.hypot(*matrix[:, 0])), np.arctan2(matrix[1, 0], matrix[0, 0])])


def _placed(first: Face, last: Face, stance: NDArray[np.float64], share: float) -> Face:
    """The mixture of two faces' shapes, put to a stance."""
    x, y, size, turn = stance
    cos, sin = np.cos(turn) * np.exp(size), np.sin(turn) * np.exp(size)
    linear = np.array([[cos, -sin], [sin, cos]])
    matrix = np.column_stack([linear, np.array([x, y]) - linear @ (0.5, 0.5)])
    landmarks = _mixed(first, last, first.landmarks, last.landmarks, share, matrix)
    dense = None
    if first.dense is not None and last.dense is not None and first.dense.shape == last.dense.shape:
        depth = (1 - share) * first.dense[:, 2] + share * last.dense[:, 2]
        flat = _mixed(first, last, first.dense[:, :2], last.dense[:, :2], share, matrix)
        dense = np.column_stack([flat, depth]).astype(np.float32)
    points = landmarks if dense is None else dense[:, :2]
    return replace(
        first,
        box=np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float32),
        landmarks=landmarks.astype(np.float32),
        pose=head_pose(landmarks),
        confidence=min(first.confidence, last.confidence),
        dense=dense,
        interpolated=True,
    )


def _mixed(
    first: Face,
    last: Face,
    first_points: NDArray[np.float32],
    last_points: NDArray[np.float32],
    share: float,
    matrix: NDArray[np.float64],
) -> NDArray[np.float64]:
    to_unit = [umeyama(face.landmarks[ALIGNMENT_LANDMARKS], ALIGNMENT_TEMPLATE) for face in (first, last)]
    shape = (1 - share) * transform(first_points, to_unit[0]) + share * transform(last_points, to_unit[1])
    return transform(shape, matrix)
