"""Which faces of which frames are to be swapped, and where they lie."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces import smooth_landmarks
from understudy.facesets import FaceFile


@dataclass(frozen=True, eq=False)
class PlacedFace:
    """A face to swap.

    Attributes:
        name: of the aligned face's file, for reports.
        landmarks: (68, 2) float32 in frame pixels, smoothed over time.
        track: number of the run of frames in which this face was followed, gaps bridged; -1: of none.
        person: whose face it is, such as "person:1"; empty where persons are not told apart.
    """

    name: str
    landmarks: NDArray[np.float32]
    track: int = -1
    person: str = ""


def plan_faces(files: Iterable[FaceFile], *, smooth: float) -> dict[int, list[PlacedFace]]:
    """Sort aligned faces by the frame that they came from.

    A face whose file was deleted is not in the plan: it stays as it is in the footage.

    Args:
        files: the aligned dst faces.
        smooth: seconds over which the landmarks of each track are smoothed; 0: off.

    Returns:
        For every frame that has faces, those faces, the smallest first, so that the nearest comes to lie on top.
    """
    tracks: defaultdict[int, list[FaceFile]] = defaultdict(list)
    for file in files:
        tracks[file.metadata.track].append(file)
    frames: defaultdict[int, list[PlacedFace]] = defaultdict(list)
    for track, faces in tracks.items():
        faces.sort(key=lambda file: file.frame)
        landmarks: NDArray[Any] = np.array([file.metadata.source_landmarks for file in faces], np.float32)  # (T, 68, 2)
        if smooth > 0 and track >= 0:
            landmarks = smooth_landmarks(landmarks, np.array([file.metadata.source.time for file in faces]), smooth)
        for file, points in zip(faces, landmarks, strict=True):
            frames[file.frame].append(PlacedFace(file.path.name, points.astype(np.float32), track))
    for placed in frames.values():
        placed.sort(key=lambda face: float(np.prod(np.ptp(face.landmarks, axis=0))))
    return dict(frames)
