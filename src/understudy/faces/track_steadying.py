"""The landmarks of a track, steadied over time without lag and without loss of fast motion."""

import math

import numpy as np
from numpy.typing import NDArray

from understudy.faces.adaptive_regression import smooth_adaptively
from understudy.faces.align import invert, transform
from understudy.faces.template import ALIGNMENT_LANDMARKS, ALIGNMENT_TEMPLATE
from understudy.faces.umeyama import umeyama

_LEAP = 0.35  # sides of the face between two frames: as far as no head moves, so that something else is seen


def steady_track(landmarks: NDArray[np.floating], times: NDArray[np.floating], seconds: float) -> NDArray[np.float64]:
    """Steady the landmarks of one track.

    Place, size and turn of the face (the similarity that aligns it) and the shape that is left, point by point, are
    smoothed apart, each as far as its own motion allows; see `smooth_adaptively`. A mouth that talks does not keep the
    face from being steadied.

    Args:
        landmarks: (T, 68, 2) in frame pixels.
        times: (T,) seconds, rising. Where a track was lost for half the window, or leaps, it starts anew.
        seconds: length of the longest window; 0: off.

    Returns:
        (T, 68, 2).

    Raises:
        UnderstudyError: landmarks that span no face; see `umeyama`.
    """
    points = np.asarray(landmarks, np.float64)
    moments = np.asarray(times, np.float64)
    if seconds <= 0:
        return points.copy()
    steadied = points.copy()
    start = 0
    for stop in (*_breaks(points, moments, seconds / 2), len(points)):
        if stop - start >= 3:
            steadied[start:stop] = _steady(points[start:stop], moments[start:stop], seconds)
        start = stop
    return steadied


def _breaks(points: NDArray[np.float64], times: NDArray[np.float64], longest: float) -> list[int]:
    """Where a track starts anew: where it was lost for long, or where a cut put another face into its place."""
    side = np.ptp(points, axis=1).max(axis=1)  # (T,)
    way = np.linalg.norm(np.diff(points.mean(axis=1), axis=0), axis=1)
    leaps = way + np.abs(np.diff(side)) > _LEAP * side[:-1]
    return [int(place) + 1 for place in np.flatnonzero(leaps | (np.diff(times) >= longest))]


def _steady(points: NDArray[np.float64], times: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    to_unit = [umeyama(face[ALIGNMENT_LANDMARKS], ALIGNMENT_TEMPLATE) for face in points]
    shapes = np.array([transform(face, matrix) for face, matrix in zip(points, to_unit, strict=True)])
    back = [invert(matrix) for matrix in to_unit]
    place = np.array([transform([(0.5, 0.5)], matrix)[0] for matrix in back])  # (T, 2)
    size = np.log([math.hypot(*matrix[:, 0]) for matrix in back])
    turn = np.unwrap([math.atan2(matrix[1, 0], matrix[0, 0]) for matrix in back])

    place = smooth_adaptively(place[:, None], times, seconds)[:, 0]
    size, turn = (smooth_adaptively(one[:, None, None], times, seconds)[:, 0, 0] for one in (size, turn))
    shapes = smooth_adaptively(shapes, times, seconds)

    steadied = np.empty_like(points)
    for index, shape in enumerate(shapes):
        # The mean of aligned shapes is aligned but for a trace; without it, the face stands exactly where it should.
        aligned = transform(shape, umeyama(shape[ALIGNMENT_LANDMARKS], ALIGNMENT_TEMPLATE)) - 0.5
        cos, sin = (math.exp(size[index]) * part for part in (math.cos(turn[index]), math.sin(turn[index])))
        steadied[index] = aligned @ np.array([[cos, sin], [-sin, cos]]) + place[index]
    return steadied
