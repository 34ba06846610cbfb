"""How well each installed face detector and landmarker finds performers whose landmarks are known exactly."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import entry_points
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.actors import FaceTruth, Identity, Part, Pose, Truth, render
from understudy.evaluation.detectors_suite import SIDE, Condition, performers, trials
from understudy.faces import ExtractSettings, Face, find_faces
from understudy.faces.backends import load_detector, load_landmarker
from understudy.faces.detection import overlap
from understudy.media import Frame
from understudy.project import Progress, Silent, UnderstudyError

Floats = NDArray[np.floating[Any]]

OUTER_EYE_CORNERS = (36, 45)
_SAME_FACE = 0.4  # overlap of the landmarks' boxes
_SMALLEST = 16  # pixels, of the faces looked for


@dataclass(frozen=True)
class Backend:
    """A detector and a landmarker, by their names as plug-ins."""

    detector: str
    landmarker: str

    def __str__(self) -> str:
        return f"{self.detector}+{self.landmarker}"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a backend made of one picture.

    Attributes:
        backend: which.
        condition, value: what was varied.
        seed: of the performer.
        truth: the true pose.
        covered: share of the landmarks of the eye nearer to the camera that hair or an occluder hides.
        found: whether a face was found where the performer's is.
        others: how many faces were found elsewhere.
        offsets: (68, 2) found minus true landmarks, turned upright by the true roll, in shares of the inter-ocular
            distance of the head facing the camera; NaN where nothing was found.
        pose: (3,) found minus true pitch, yaw and roll in degrees; NaN where nothing was found.
    """

    backend: Backend
    condition: Condition
    value: float | str
    seed: int
    truth: Pose
    covered: float
    found: bool
    others: int
    offsets: Floats
    pose: Floats

    @property
    def yaw(self) -> float:
        """True, in degrees."""
        return math.degrees(self.truth.yaw)

    @property
    def axes(self) -> Floats:
        """(2, 3) x and y in the picture, roll undone, of the head's axes (x right, y up, z out of the face)."""
        return Pose(self.truth.pitch, self.truth.yaw).matrix()[:2] * [[1.0], [-1.0]]


def installed_backends() -> tuple[Backend, ...]:
    """Every detector with every landmarker that can be started here, the default pair first."""
    default = ExtractSettings()
    detectors = sorted(_startable("understudy.detectors", load_detector), key=lambda n: (n != default.detector, n))
    landmarkers = sorted(
        _startable("understudy.landmarkers", load_landmarker), key=lambda n: (n != default.landmarker, n)
    )
    return tuple(Backend(detector, landmarker) for detector in detectors for landmarker in landmarkers)


def _startable(group: str, load: Callable[[str], object]) -> Iterator[str]:
    """Names of the plug-ins of a group whose packages are installed and whose models can be had."""
    for name in entry_points(group=group).names:
        try:
            load(name)
        except UnderstudyError:
            continue
        yield name


def examine(
    backends: Sequence[Backend],
    *,
    count: int,
    progress: Progress = Silent(),  # noqa: B008  (stateless)
) -> list[Outcome]:
    """Show the suite to backends, in every picture afresh and as thoroughly as extraction searches a frame.

    Args:
        count: performers.

    Returns:
        in the order of performers, pictures and backends, whatever the number of cores.

    Raises:
        UnderstudyError: a backend does not exist or its model cannot be fetched.
    """
    seeds = performers(count)
    progress.begin("examining the detectors", count)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_examine_one, backends, seed) for seed in seeds]
        try:
            for done in as_completed(tasks):
                done.result()
                progress.advance()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return [outcome for task in tasks for outcome in task.result()]


def _examine_one(backends: Sequence[Backend], seed: int) -> list[Outcome]:
    shown = list(trials(seed))
    identity = Identity.from_seed(seed)
    rendered = [render(identity, trial.frame, trial.scene, SIDE) for trial in shown]
    frames = [Frame(one.pixels, index, Fraction(index)) for index, one in enumerate(rendered)]
    looks = [_look(backend, frames) for backend in backends]
    outcomes = []
    for trial, one, *found in zip(shown, rendered, *looks, strict=True):
        for backend, faces in zip(backends, found, strict=True):
            match = _match(faces, one.truth.face)
            offsets, pose = _errors(match, one.truth.face)
            outcomes.append(
                Outcome(
                    backend=backend,
                    condition=trial.condition,
                    value=trial.value,
                    seed=seed,
                    truth=one.truth.face.pose,
                    covered=_covered(one.truth),
                    found=match is not None,
                    others=len(faces) - (match is not None),
                    offsets=offsets,
                    pose=pose,
                )
            )
    return outcomes


def _look(backend: Backend, frames: Sequence[Frame]) -> Iterator[tuple[Face, ...]]:
    settings = ExtractSettings(
        detector=backend.detector, landmarker=backend.landmarker, detect_every=1, min_face=_SMALLEST
    )
    return (faces for _, faces in find_faces(frames, settings))


def _match(faces: Sequence[Face], truth: FaceTruth) -> Face | None:
    """The face that lies best on the true one; None if none does."""
    if not faces:
        return None
    shares = overlap(_box(truth.landmarks), np.stack([_box(face.landmarks) for face in faces]))
    best = int(shares.argmax())
    return faces[best] if shares[best] >= _SAME_FACE else None


def _covered(truth: Truth) -> float:
    """Share of the nearer eye's landmarks before which the picture shows hair or an occluder."""
    eye = slice(42, 48) if truth.face.pose.yaw > 0 else slice(36, 42)
    x, y = np.clip(np.rint(truth.face.landmarks[eye]), 0, len(truth.parts) - 1).astype(np.intp).T
    return float(np.isin(truth.parts[y, x], (Part.HAIR, Part.OCCLUDER)).mean())


def _box(landmarks: Floats) -> NDArray[np.float32]:
    return np.concatenate([landmarks.min(axis=0), landmarks.max(axis=0)]).astype(np.float32)


def _errors(face: Face | None, truth: FaceTruth) -> tuple[Floats, Floats]:
    """Offsets (68, 2) and pose errors (3,) as in `Outcome`."""
    if face is None:
        return np.full((68, 2), np.nan), np.full(3, np.nan)
    first, second = truth.landmarks[list(OUTER_EYE_CORNERS)].astype(np.float64)
    # The eyes' line is foreshortened by the yaw alone; pitch turns the head about it and roll keeps its length.
    distance = float(np.linalg.norm(second - first)) / math.cos(truth.pose.yaw)
    cos, sin = math.cos(truth.pose.roll), math.sin(truth.pose.roll)
    upright = np.array([[cos, sin], [-sin, cos]])
    offsets = (face.landmarks.astype(np.float64) - truth.landmarks) @ upright.T / distance
    turns = [getattr(face.pose, axis) - getattr(truth.pose, axis) for axis in ("pitch", "yaw", "roll")]
    return offsets, np.rad2deg([math.remainder(turn, math.tau) for turn in turns])
