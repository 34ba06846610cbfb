"""Frames in, faces out: the one entry that extraction uses."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from operator import not_

import numpy as np
from numpy.typing import NDArray

from understudy.faces.backends import FaceDetector, Landmarker, load_detector, load_landmarker
from understudy.faces.change import CutWatch, has_leapt
from understudy.faces.detection import Detection, Region, overlap
from understudy.faces.face import Face
from understudy.faces.landmarks import Landmarks
from understudy.faces.pose import head_pose
from understudy.faces.refine import refine
from understudy.faces.search import search
from understudy.faces.settings import ExtractSettings
from understudy.faces.steady import steady
from understudy.faces.tracking import track_numbers
from understudy.media.frame import Frame

_SAME_FACE = 0.35  # overlap of two boxes of one face
_SETTLED = 0.05  # radians between two looks
_MOVED = 0.15  # of the region's side between two frames: as far as a face moves that a single look can follow
_LOOKS = 12  # a face that was seen lying on its side comes upright by a tenth of a radian a look


def find_faces(
    frames: Iterable[Frame], settings: ExtractSettings, previous: Sequence[Face] = ()
) -> Iterator[tuple[Frame, tuple[Face, ...]]]:
    """Find, follow and describe the faces of consecutive frames.

    Every `detect_every`-th frame by index (and the first given, and the first after a cut) is searched afresh; in
    between, a face is looked for where it last was, and the detector runs only when one was lost or none is known. What
    comes of a searched frame depends on nothing before it but the track numbers. So a run taken up at one of those
    indices, with the faces of the frame before as `previous`, gives what an uninterrupted run gives; where landmarks
    are smoothed, from half a smoothing window later.

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
    return steady(found, settings.smooth) if settings.smooth > 0 else found


class _Finder:
    """The state of a run: what was seen in the last frame, and how many faces the last search showed."""

    def __init__(self, settings: ExtractSettings, previous: Sequence[Face]) -> None:
        self._settings = settings
        self._detector: FaceDetector = load_detector(settings.detector)
        self._landmarker: Landmarker = load_landmarker(settings.landmarker)
        self._backend = f"{self._detector.name}+{self._landmarker.name}"
        self._faces = tuple(previous)
        self._sightings: list[Landmarks] = []
        self._expected = 0
        self._is_cut = CutWatch()
        self._before = np.zeros((1, 1, 3), np.uint8)  # the image of the frame before

    def run(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, tuple[Face, ...]]]:
        for frame in frames:
            image = frame.eight_bit()
            cut = self._is_cut(image)
            if cut or frame.index % self._settings.detect_every == 0:
                self._sightings = self._search(image)
                self._expected = len(self._sightings)
            else:
                self._sightings = self._follow(image, self._sightings)
            self._before = image
            self._faces = self._describe([self._refined(image, one) for one in self._sightings], frame.index)
            yield frame, self._faces

    def _search(self, image: NDArray[np.uint8]) -> list[Landmarks]:
        """Look for faces everywhere, as if nothing was known."""
        settings = self._settings
        hits = search(self._detector, image, min_face=settings.min_face, rotate=settings.rotate)
        return self._sight(image, hits, [])

    def _follow(self, image: NDArray[np.uint8], before: list[Landmarks]) -> list[Landmarks]:
        """Look where the faces were. When one is missing, also let the detector look once; and when a face's place
        shows something else, before that face is looked for there."""
        kept: list[Landmarks] = []
        leapt = [has_leapt(self._before, image, sighting.region) for sighting in before]
        for sighting in compress(before, map(not_, leapt)):
            self._add(kept, image, self._look_where_it_was(image, sighting.region))
        if len(kept) < max(1, self._expected):
            kept = self._sight(image, self._detector.detect(image), kept)
        for sighting in compress(before, leapt):
            if len(kept) < self._expected:  # it may be there still, under a hand
                self._add(kept, image, self._look_where_it_was(image, sighting.region))
        return _largest(kept, self._settings.max_faces)

    def _look_where_it_was(self, image: NDArray[np.uint8], region: Region) -> Landmarks:
        landmarks = self._landmarker.landmarks(image, region)
        # One look goes half of a long way.
        return self._settle(image, region) if _distance(region, landmarks.region) > _MOVED else landmarks

    def _refined(self, image: NDArray[np.uint8], sighting: Landmarks) -> Landmarks:
        looks = self._settings.refine
        return refine(self._landmarker, image, sighting, looks) if looks else sighting

    def _sight(self, image: NDArray[np.uint8], hits: list[Detection], known: list[Landmarks]) -> list[Landmarks]:
        """Place landmarks on the detections that are not known faces already."""
        opinions: list[tuple[float, Landmarks]] = []
        for hit in hits:
            if hit.confidence < self._settings.min_confidence or _is_known(hit.box, known):
                continue
            landmarks = self._settle(image, Region.of(hit))
            opinions.append((_log_odds(hit.confidence) + _log_odds(landmarks.score), landmarks))
        kept = list(known)
        for _, landmarks in sorted(opinions, key=lambda opinion: -opinion[0]):
            self._add(kept, image, landmarks)
        return _largest(kept, self._settings.max_faces)

    def _settle(self, image: NDArray[np.uint8], region: Region) -> Landmarks:
        """Look twice, so that the last look starts, as a followed face's does, from the landmarker's own region; and
        again while the face turns out to stand another way round: on the way it is sure of itself, and wrong."""
        landmarks = self._landmarker.landmarks(image, region)
        for _ in range(_LOOKS):
            settled = _turn(region, landmarks.region) < _SETTLED and _distance(region, landmarks.region) < _MOVED
            region = landmarks.region
            landmarks = self._landmarker.landmarks(image, region)
            if settled:
                break
        return landmarks

    def _add(self, kept: list[Landmarks], image: NDArray[np.uint8], landmarks: Landmarks) -> None:
        """Keep landmarks that are sure, large enough, in the frame and not on a face kept already."""
        box = landmarks.box
        if not np.isfinite(box).all() or landmarks.score < self._settings.min_confidence:
            return
        middle = (box[:2] + box[2:]) / 2
        inside = (middle >= 0).all() and (middle < image.shape[1::-1]).all()
        if inside and (box[2:] - box[:2]).min() >= self._settings.min_face and not _is_known(box, kept):
            kept.append(landmarks)

    def _describe(self, sightings: list[Landmarks], frame_index: int) -> tuple[Face, ...]:
        numbers = track_numbers([sighting.box for sighting in sightings], self._faces, frame_index)
        return tuple(
            Face(
                box=sighting.box,
                landmarks=sighting.points,
                pose=head_pose(sighting.points),
                confidence=sighting.score,
                backend=self._backend,
                dense=sighting.dense,
                track=number,
            )
            for sighting, number in zip(sightings, numbers, strict=True)
        )


def _turn(one: Region, other: Region) -> float:
    """Radians between two regions."""
    return abs(math.remainder(other.roll - one.roll, math.tau))


def _distance(one: Region, other: Region) -> float:
    """Between the middles of two regions or their sizes, whichever is more, in sides of the latter."""
    return max(math.hypot(other.x - one.x, other.y - one.y), abs(other.side - one.side)) / other.side


def _log_odds(probability: float) -> float:
    """Of two opinions of one face the landmarker's is worth more: where the face stands upright it is all but certain,
    and that shows in the odds, not in the probability."""
    p = min(max(probability, 1e-7), 1 - 1e-7)
    return math.log(p / (1 - p))


def _is_known(box: NDArray[np.float32], kept: list[Landmarks]) -> bool:
    return bool(kept) and float(overlap(box, np.stack([sighting.box for sighting in kept])).max()) >= _SAME_FACE


def _largest(sightings: list[Landmarks], count: int) -> list[Landmarks]:
    """The largest first; at most `count` of them, 0 for all."""
    ordered = sorted(sightings, key=lambda sighting: -sighting.area)
    return ordered[:count] if count else ordered
