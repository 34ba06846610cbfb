"""Which faces of which frames are to be swapped, and where they lie."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from understudy.faces import steady_track
from understudy.faces.interpolation import interpolate_faces
from understudy.faces.template import ALIGNMENT_LANDMARKS
from understudy.facesets import FaceFile
from understudy.merging.bridges import Bridge


@dataclass(frozen=True, eq=False)
class PlacedFace:
    """A face to swap.

    Attributes:
        name: of the aligned face's file, for reports.
        landmarks: (68, 2) float32 in frame pixels, smoothed over time.
        track: number of the run of frames in which this face was followed, gaps bridged; -1: of none.
        person: whose face it is, such as "person:1"; empty where persons are not told apart.
        found: (68, 2) as they were found; None where they were not.
    """

    name: str
    landmarks: NDArray[np.float32]
    track: int = -1
    person: str = ""
    found: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class _Found:
    """What a plan needs of a face file: of a long film they are many, and all metadata of all would fill the memory."""

    name: str
    frame: int
    time: float
    landmarks: NDArray[np.float64]
    interpolated: bool

    @classmethod
    def of(cls, file: FaceFile) -> "_Found":
        of = file.metadata
        landmarks = np.array(of.source_landmarks, np.float64)
        return cls(file.path.name, file.frame, of.source.time, landmarks, of.interpolated)


def plan_faces(
    files: Iterable[FaceFile],
    *,
    smooth: float,
    bridges: Sequence[Bridge] = (),
    persons: Mapping[str, str] | None = None,
    layers: Mapping[str, int] | None = None,
) -> dict[int, list[PlacedFace]]:
    """Sort aligned faces by the frame that they came from.

    A face whose file was deleted is not in the plan: it stays as it is in the footage.

    Args:
        files: the aligned dst faces.
        smooth: seconds over which a track that keeps still is steadied; 0: off. See `steady_track`.
        bridges: gaps in which faces are placed, and whose tracks are one.
        persons: whose face it is, by file name.
        layers: whose face lies above whose, the higher above, by person; 0 for those who are not in it.

    Returns:
        For every frame that has faces, those faces, the topmost last: within a layer the largest, which is nearest.
    """
    persons, layers = persons or {}, layers or {}
    runs = _runs(bridges)
    tracks: defaultdict[int, list[_Found]] = defaultdict(list)
    for file in files:
        tracks[runs.get(file.metadata.track, file.metadata.track)].append(_Found.of(file))
    placed: dict[str, PlacedFace] = {}
    frames: defaultdict[int, list[PlacedFace]] = defaultdict(list)
    for track, faces in tracks.items():
        faces.sort(key=lambda face: face.frame)
        for face, points in zip(faces, _steadied(faces, smooth if track >= 0 else 0.0), strict=True):
            placed[face.name] = PlacedFace(
                face.name,
                points.astype(np.float32),
                track,
                persons.get(face.name, ""),
                None if face.interpolated else face.landmarks.astype(np.float32),
            )
            frames[face.frame].append(placed[face.name])
    for bridge in bridges:
        for frame, between in _between(bridge, placed):
            frames[frame].append(between)
    for together in frames.values():
        together.sort(key=lambda face: (layers.get(face.person, 0), float(np.prod(np.ptp(face.landmarks, axis=0)))))
    return dict(frames)


def _runs(bridges: Iterable[Bridge]) -> dict[int, int]:
    """The number of the first track of a run of bridged tracks, for each of the others."""
    first: dict[int, int] = {}
    for bridge in bridges:
        before, after = (side[0].metadata.track for side in (bridge.gap.before, bridge.gap.after))
        first[after] = first.get(before, before)  # gaps come in rising order
    return first


def _steadied(faces: Sequence[_Found], seconds: float) -> NDArray[np.float64]:
    """(T, 68, 2) landmarks of a track; those that span no face are left as they are."""
    landmarks: NDArray[np.float64] = np.array([face.landmarks for face in faces])
    if seconds <= 0:
        return landmarks
    spans = np.ptp(landmarks[:, ALIGNMENT_LANDMARKS], axis=1).min(axis=1) > 0
    moments = [(face.frame, face.time) for face in faces]
    # A file that somebody copied is in its frame twice: once it counts, and lies where the other does.
    _, first, place = np.unique([frame for frame, _ in moments], return_index=True, return_inverse=True)
    chosen = first[spans[first]]
    times = np.array([moments[at][1] for at in chosen])
    if (np.diff(times) <= 0).any():  # of no clip: there is nothing to go by
        return landmarks
    landmarks[chosen] = steady_track(landmarks[chosen], times, seconds)
    return np.asarray(landmarks[first[place]])


def _between(bridge: Bridge, placed: Mapping[str, PlacedFace]) -> Iterator[tuple[int, PlacedFace]]:
    """The faces that a bridge places, by frame, on the way between the steadied sights of both sides."""
    if not bridge.frames:
        return
    before, after = (
        [
            (file.metadata.source.time, replace(file.metadata.face(), landmarks=placed[file.path.name].landmarks))
            for file in side
        ]
        for side in (bridge.gap.before, bridge.gap.after)
    )
    last, first = bridge.gap.before[-1], bridge.gap.after[0]
    times = np.interp(bridge.frames, (last.frame, first.frame), (before[-1][0], after[0][0]))
    faces = interpolate_faces(before, after, [float(time) for time in times])
    seen = placed[last.path.name]
    for frame, face in zip(bridge.frames, faces, strict=True):
        yield frame, replace(seen, landmarks=face.landmarks, found=None)
