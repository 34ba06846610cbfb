"""How much a face trembles: what steadying took away, and what it left."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from understudy.merging.plan import PlacedFace


def jitter(landmarks: Mapping[int, NDArray[np.floating]]) -> dict[int, float]:
    """The second difference of a track's landmarks, by frame: root mean square, in percent of the face's width.

    Even motion has none of it; half a pixel to and fro from frame to frame on a face of 100 pixels has 2%.

    Args:
        landmarks: (68, 2) by frame; frames whose neighbours are not there have no jitter.
    """
    found = {}
    for frame, points in landmarks.items():
        before, after = landmarks.get(frame - 1), landmarks.get(frame + 1)
        if before is None or after is None:
            continue
        change = np.asarray(before, np.float64) - 2 * np.asarray(points, np.float64) + np.asarray(after, np.float64)
        width = float(np.linalg.norm(points[26] - points[17])) or 1.0
        found[frame] = 100 * float(np.sqrt((change**2).sum(axis=1).mean())) / width
    return found


def jitter_of(plan: Mapping[int, Sequence[PlacedFace]], frames: range) -> tuple[dict[int, float], dict[int, float]]:
    """The jitter in each frame of a range, as the faces were found and as they are placed; of several, the most."""
    found: defaultdict[int, dict[int, NDArray[np.floating]]] = defaultdict(dict)
    placed: defaultdict[int, dict[int, NDArray[np.floating]]] = defaultdict(dict)
    for index in frames:
        for face in plan.get(index, ()):
            if face.track >= 0:
                placed[face.track][index] = face.landmarks
                if face.found is not None:
                    found[face.track][index] = face.found
    return _most(found.values()), _most(placed.values())


def _most(tracks: Iterable[Mapping[int, NDArray[np.floating]]]) -> dict[int, float]:
    most: dict[int, float] = {}
    for track in tracks:
        for frame, value in jitter(track).items():
            most[frame] = max(value, most.get(frame, 0.0))
    return most
