"""Frames in, faces out: the one entry that extraction uses."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from understudy.faces.backends import FaceDetector, Landmarker, load_detector, load_landmarker
from understudy.faces.detection import Detection, Region, overlap
from understudy.faces.face import Face
from understudy.faces.landmarks import Landmarks
from understudy.faces.pose import head_pose
from understudy.faces.search import search
from understudy.faces.settings import ExtractSettings
from understudy.faces.smoothing import smooth_at
from understudy.faces.tracking import track_numbers
from understudy.media.frame import Frame

FoundFaces = tuple[Frame, tuple[Face, ...]]

_SAME_FACE = 0.35  # overlap of two boxes of one face
_SETTLED = 0.1  # radians


def find_faces(
    frames: Iterable[Frame], settings: ExtractSettings, previous: Sequence[Face] = ()
) -> Iterator[FoundFaces]:
    """Find, follow and describe the faces of consecutive frames.

    Every `detect_every`-th frame by index (and the first given) is searched afresh; in between, a face is looked for
    where it last was, and the detector runs only when one was lost or none is known. What comes of a searched
    frame depends on nothing before it but the track numbers. So a run taken up at such a frame, with the faces of the
    frame before as `previous`, gives what an uninterrupted run gives; where landmarks are smoothed, from half a
    smoothing window later.

    Args:
        frames: in rising order of index.
        settings: what to look for.
        previous: faces of the frame before the first.

    Yields:
        Each frame with its faces, the largest first.

    Raises:
        UnderstudyError: a backend does not exist or its model cannot be fetched.
    """
    found = _Finder(settings, previous).run(frames)
    return _smoothed(found, settings.smooth) if settings.smooth > 0 else found


@dataclass(frozen=True, eq=False)
class _Sighting:
    """Landmarks that were judged to be a face."""

    landmarks: Landmarks
    box: NDArray[np.float32]

    @property
    def area(self) -> float:
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))


class _Finder:
    """The state of a run: what was seen in the last frame, and how many faces the last search showed."""

    def __init__(self, settings: ExtractSettings, previous: Sequence[Face]) -> None:
        self._settings = settings
        self._detector: FaceDetector = load_detector(settings.detector)
        self._landmarker: Landmarker = load_landmarker(settings.landmarker)
        self._backend = f"{self._detector.name}+{self._landmarker.name}"
        self._faces = tuple(previous)
        self._sightings: list[_Sighting] | None = None  # None: nothing was searched yet
        self._expected = 0

    def run(self, frames: Iterable[Frame]) -> Iterator[FoundFaces]:
        for frame in frames:
            image = frame.eight_bit()
            if self._sightings is None or frame.index % self._settings.detect_every == 0:
                self._sightings = self._search(image)
                self._expected = len(self._sightings)
            else:
                self._sightings = self._follow(image, self._sightings)
            self._faces = self._describe(self._sightings, frame.index)
            yield frame, self._faces

    def _search(self, image: NDArray[np.uint8]) -> list[_Sighting]:
        """Look for faces everywhere, as if nothing was known."""
        settings = self._settings
        hits = search(self._detector, image, min_face=settings.min_face, rotate=settings.rotate)
        return self._sight(image, hits, [])

    def _follow(self, image: NDArray[np.uint8], before: list[_Sighting]) -> list[_Sighting]:
        """Look where the faces were; when one is missing, also let the detector look once."""
        kept: list[_Sighting] = []
        for sighting in before:
            self._add(kept, image, self._landmarker.landmarks(image, sighting.landmarks.region))
        if len(kept) < max(1, self._expected):
            kept = self._sight(image, self._detector.detect(image), kept)
        return _largest(kept, self._settings.max_faces)

    def _sight(self, image: NDArray[np.uint8], hits: list[Detection], known: list[_Sighting]) -> list[_Sighting]:
        """Place landmarks on the detections that are not known faces already."""
        opinions: list[tuple[float, Landmarks]] = []
        for hit in hits:
            if hit.confidence < self._settings.min_confidence or _is_known(hit.box, known):
                continue
            landmarks = self._settle(image, Region.of(hit))
            opinions.append((hit.confidence * landmarks.score, landmarks))
        kept = list(known)
        for _, landmarks in sorted(opinions, key=lambda opinion: -opinion[0]):
            self._add(kept, image, landmarks)
        return _largest(kept, self._settings.max_faces)

    def _settle(self, image: NDArray[np.uint8], region: Region) -> Landmarks:
        """Look twice, so that the last look starts, as a followed face's does, from the landmarker's own region; and
        again while the face turns out to stand another way round."""
        landmarks = self._landmarker.landmarks(image, region)
        for _ in range(3):
            turn = abs(math.remainder(landmarks.region.roll - region.roll, math.tau))
            region = landmarks.region
            landmarks = self._landmarker.landmarks(image, region)
            if turn < _SETTLED:
                break
        return landmarks

    def _add(self, kept: list[_Sighting], image: NDArray[np.uint8], landmarks: Landmarks) -> None:
        """Keep landmarks that are sure, large enough, in the frame and not on a face kept already."""
        box = landmarks.box
        if not np.isfinite(box).all() or landmarks.score < self._settings.min_confidence:
            return
        middle = (box[:2] + box[2:]) / 2
        inside = (middle >= 0).all() and (middle < image.shape[1::-1]).all()
        if inside and (box[2:] - box[:2]).min() >= self._settings.min_face and not _is_known(box, kept):
            kept.append(_Sighting(landmarks, box))

    def _describe(self, sightings: list[_Sighting], frame_index: int) -> tuple[Face, ...]:
        numbers = track_numbers([sighting.box for sighting in sightings], self._faces, frame_index)
        return tuple(
            Face(
                box=sighting.box,
                landmarks=sighting.landmarks.points,
                pose=head_pose(sighting.landmarks.points),
                confidence=sighting.landmarks.score,
                backend=self._backend,
                dense=sighting.landmarks.dense,
                track=number,
            )
            for sighting, number in zip(sightings, numbers, strict=True)
        )


def _is_known(box: NDArray[np.float32], kept: list[_Sighting]) -> bool:
    return bool(kept) and float(overlap(box, np.stack([sighting.box for sighting in kept])).max()) >= _SAME_FACE


def _largest(sightings: list[_Sighting], count: int) -> list[_Sighting]:
    """The largest first; at most `count` of them, 0 for all."""
    ordered = sorted(sightings, key=lambda sighting: -sighting.area)
    return ordered[:count] if count else ordered


def _smoothed(found: Iterator[FoundFaces], seconds: float) -> Iterator[FoundFaces]:
    """Hold frames back until half a window of what follows is known, and smooth every track over the window."""
    window: deque[FoundFaces] = deque()
    done = 0  # frames at the window's start that were handed out and are kept for what follows
    for newest in found:
        window.append(newest)
        while float(newest[0].time - window[done][0].time) >= seconds / 2:
            yield _smooth_frame(window, done, seconds)
            done += 1
            while float(window[done][0].time - window[0][0].time) >= seconds / 2:
                window.popleft()
                done -= 1
    for index in range(done, len(window)):
        yield _smooth_frame(window, index, seconds)


def _smooth_frame(window: deque[FoundFaces], index: int, seconds: float) -> FoundFaces:
    frame, faces = window[index]
    steadied = (_smooth_face(window, face, float(frame.time), seconds) for face in faces)
    return frame, tuple(sorted(steadied, key=lambda face: -_area(face)))


def _smooth_face(window: deque[FoundFaces], face: Face, moment: float, seconds: float) -> Face:
    track = [(float(frame.time), other) for frame, faces in window for other in faces if other.track == face.track]
    times = np.array([time for time, _ in track])
    fields = {
        "box": np.stack([other.box for _, other in track]),
        "landmarks": np.stack([other.landmarks for _, other in track]),
    }
    if all(other.dense is not None for _, other in track):
        fields["dense"] = np.stack([other.dense for _, other in track if other.dense is not None])
    smooth = {
        name: smooth_at(values.astype(np.float64), times, moment, seconds).astype(np.float32)
        for name, values in fields.items()
    }
    return replace(face, pose=head_pose(smooth["landmarks"]), **smooth)  # type: ignore[arg-type]


def _area(face: Face) -> float:
    return float((face.box[2] - face.box[0]) * (face.box[3] - face.box[1]))
