"""Head rotation from landmarks."""

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from understudy.faces.face import Pose
from understudy.faces.head_model import HEAD_MODEL, POSE_LANDMARKS
from understudy.project.errors import UnderstudyError

_MODEL = HEAD_MODEL[POSE_LANDMARKS]  # (33, 3)
_MODEL_CENTRE = _MODEL.mean(axis=0)
_VIEWING_DISTANCE = 5.0  # of the camera, in diagonals of the face: about a metre


def head_pose(landmarks: ArrayLike) -> Pose:
    """Rotation of a head, as it looks from a camera about a metre away that points at it.

    The landmarks alone decide it, so that a face keeps its pose wherever it stands in the frame and whichever
    lens took it; within the lenses that faces are filmed with, perspective changes the angles by a few hundredths.

    Args:
        landmarks: (68, 2).

    Raises:
        UnderstudyError: a coordinate is not a number.
    """
    points = np.asarray(landmarks, np.float64)[POSE_LANDMARKS]
    if not np.isfinite(points).all():
        raise UnderstudyError("face landmarks hold a coordinate that is not a number: locate the face again")
    extent = float(np.linalg.norm(points.max(axis=0) - points.min(axis=0)))
    return solve_pose(landmarks, focal=_VIEWING_DISTANCE * max(extent, 1e-6), centre=points.mean(axis=0))


def solve_pose(landmarks: ArrayLike, *, focal: float, centre: ArrayLike) -> Pose:
    """Rotation of a head seen by a known pinhole camera.

    A scaled-orthographic fit (closed form) starts a Levenberg-Marquardt refinement, which thereby cannot land on the
    mirrored solutions that a perspective solver falls into when the lens is long. Should refinement still run
    away, the closed form stands.

    Args:
        landmarks: (68, 2) in pixels.
        focal: focal length in pixels.
        centre: (2,) principal point in pixels.
    """
    points = np.asarray(landmarks, np.float64)[POSE_LANDMARKS] - np.asarray(centre, np.float64)
    rotation, translation = _orthographic(points, focal)
    camera = np.diag([focal, focal, 1.0])
    vector, moved = cv2.solvePnPRefineLM(
        _MODEL, points, camera, None, cv2.Rodrigues(rotation)[0], translation.reshape(3, 1).copy()
    )
    refined = np.asarray(cv2.Rodrigues(vector)[0], np.float64)
    turn = math.acos(float(np.clip((np.trace(refined @ rotation.T) - 1) / 2, -1, 1)))
    if np.isfinite(refined).all() and moved[2, 0] > 0 and turn < 0.8:
        rotation = refined
    return _angles(rotation)


def _orthographic(points: NDArray[np.float64], focal: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rotation (3, 3) and translation (3,) of the head under scaled orthographic projection."""
    middle = points.mean(axis=0)
    projection = np.linalg.lstsq(_MODEL - _MODEL_CENTRE, points - middle, rcond=None)[0].T  # (2, 3)
    u, singular, vt = np.linalg.svd(projection, full_matrices=False)
    rows = u @ vt
    rotation = np.vstack([rows, np.cross(rows[0], rows[1])])
    depth = focal / max(float(singular.mean()), 1e-9)
    position = np.array([middle[0] * depth / focal, middle[1] * depth / focal, depth])
    return rotation, position - rotation @ _MODEL_CENTRE


def _angles(rotation: NDArray[np.float64]) -> Pose:
    """Euler angles of Rz Ry Rx, in the signs of `Pose`."""
    across = math.hypot(rotation[0, 0], rotation[1, 0])
    yaw = math.atan2(-rotation[2, 0], across)
    if across < 1e-6:  # looking along the image plane: pitch and roll are one turn
        return Pose(pitch=-math.atan2(-rotation[1, 2], rotation[1, 1]), yaw=yaw, roll=0.0)
    pitch = -math.atan2(rotation[2, 1], rotation[2, 2])
    return Pose(pitch=pitch, yaw=yaw, roll=math.atan2(rotation[1, 0], rotation[0, 0]))
