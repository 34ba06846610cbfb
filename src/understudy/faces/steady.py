"""Smoothing the faces of a stream of frames, a little behind it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from understudy.faces.face import Face
from understudy.faces.pose import head_pose
from understudy.faces.smoothing import window_weights
from understudy.media.frame import Frame

_Found = tuple[Frame, tuple[Face, ...]]


def steady(found: Iterator[_Found], seconds: float) -> Iterator[_Found]:
    """Smooth every track over a window in time: see `window_weights`.

    A frame is held back until half a window of what follows is known; a whole window of frames is kept in memory.

    Args:
        found: frames in order, with their tracked faces.
        seconds: length of the whole window, more than 0.

    Yields:
        The same frames and faces, steadied; the largest face first.
    """
    window: deque[_Found] = deque()
    done = 0  # frames at the window's start that were handed out and are kept for those that follow
    for newest in found:
        window.append(newest)
        while float(newest[0].time - window[done][0].time) >= seconds / 2:
            yield _steady_frame(window, done, seconds)
            done += 1
            while float(window[done][0].time - window[0][0].time) >= seconds / 2:
                window.popleft()
                done -= 1
    for index in range(done, len(window)):
        yield _steady_frame(window, index, seconds)


def _steady_frame(window: deque[_Found], index: int, seconds: float) -> _Found:
    frame, faces = window[index]
    steadied = [_steady_face(window, face, float(frame.time), seconds) for face in faces]
    return frame, tuple(sorted(steadied, key=_area, reverse=True))


def _steady_face(window: deque[_Found], face: Face, moment: float, seconds: float) -> Face:
    track = [(float(frame.time), other) for frame, faces in window for other in faces if other.track == face.track]
    near, weights = window_weights(np.array([time for time, _ in track]), moment, seconds)
    faces = [other for _, other in track[near]]
    box = np.tensordot(weights, [other.box for other in faces], axes=1).astype(np.float32)
    landmarks = np.tensordot(weights, [other.landmarks for other in faces], axes=1).astype(np.float32)
    meshes = [other.dense for other in faces if other.dense is not None]
    dense = np.tensordot(weights, meshes, axes=1).astype(np.float32) if len(meshes) == len(faces) else None
    return replace(face, box=box, landmarks=landmarks, dense=dense, pose=head_pose(landmarks))


def _area(face: Face) -> float:
    return float((face.box[2] - face.box[0]) * (face.box[3] - face.box[1]))
