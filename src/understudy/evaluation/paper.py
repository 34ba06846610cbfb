"""The published protocol for swaps of real footage, where no truth exists: `understudy evaluate`.

Perov et al., "DeepFaceLab: Integrated, flexible and extensible face-swapping framework", 2020, section 4: structural
similarity and perceptual distance to dst say how well the shot is kept; the distance of face descriptors to src says
how well the identity is carried over; landmarks and pose against dst say how well the performance is kept.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.paper_descriptor import Descriptor, DescriptorName, load_descriptor
from understudy.evaluation.paper_tables import METRICS
from understudy.evaluation.perceptual import PerceptualBackend, perceptual_backend, perceptual_distance
from understudy.evaluation.similarity import ssim
from understudy.faces import ExtractSettings, Face, face_matrix, find_faces, warp
from understudy.faces.detection import overlap
from understudy.media import Frame, FrameSource, open_source
from understudy.project import Progress, Silent, UnderstudyError

_SETTINGS = ExtractSettings(detect_every=1, min_face=16)
_SIDE = 256  # pixels at most, of the aligned face that SSIM and perceptual distance look at
_SAME_FACE = 0.2  # overlap of a face of the result with that of dst; a swap may change a face's outline


@dataclass(frozen=True)
class Summary:
    """Mean and deviation of one metric over the frames that have it; NaN if none has."""

    mean: float
    deviation: float
    frames: int


@dataclass(frozen=True, eq=False)
class PaperScores:
    """The protocol's figures of one swap.

    Attributes:
        indices: (N,) frames that were looked at, spread evenly.
        values: of each of `METRICS`, (N,), NaN where a face that it needs was not found. SSIM and perceptual distance
            are of the aligned face with its surroundings, landmarks in pixels of the frame, pose in degrees.
        landmark_share: (N,) the landmarks' distance in shares of dst's inter-ocular distance.
        dst_verification: (N,) the same distance to src of the untouched dst.
        src_verification: distances of src's frames among each other, one for each pair.
        missing: of the looked-at frames of result, dst and src, how many showed no face.
        src_frames: how many frames of src were looked at.
        perceptual, descriptor: the networks used.
    """

    indices: NDArray[np.intp]
    values: Mapping[str, NDArray[np.float64]]
    landmark_share: NDArray[np.float64]
    dst_verification: NDArray[np.float64]
    src_verification: NDArray[np.float64]
    missing: Mapping[str, int]
    src_frames: int
    perceptual: PerceptualBackend
    descriptor: DescriptorName

    def summary(self, metric: str) -> Summary:
        """Of one of `METRICS`."""
        return summarize(self.values[metric])


def summarize(values: NDArray[np.float64]) -> Summary:
    """Mean and deviation of the values that are numbers."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Summary(math.nan, math.nan, 0)
    return Summary(float(known.mean()), float(known.std()), len(known))


def evaluate(
    result: Path,
    dst: Path,
    src: Sequence[Path],
    *,
    frames: int = 100,
    progress: Progress = Silent(),  # noqa: B008  (stateless)
) -> PaperScores:
    """Score a swap.

    Of each frame, the largest face of dst counts, and the face of the result that lies where it is.

    Args:
        result, dst: videos or folders of pictures with the same frames.
        src: clips of the performer who was put in.
        frames: how many to look at, of the result and of src.

    Raises:
        UnderstudyError: a source cannot be read, result and dst do not have the same frames, there is no face, or a
            network cannot be fetched.
    """
    theirs, ours = open_source([dst]), open_source([result])
    _refuse_unlike(result, ours, dst, theirs)
    indices = _spread(theirs.info.frame_count, frames)
    actors = open_source(src, one_size=False)
    looked_at = _spread(actors.info.frame_count, frames)
    progress.begin("evaluating", len(indices) + len(looked_at))

    descriptor = load_descriptor()
    known = []
    for frame, faces in find_faces(_picked(actors, looked_at), _SETTINGS):
        known += [descriptor.describe(frame, face) for face in faces[:1]]
        progress.advance()
    if not known:
        names = ", ".join(map(str, src))
        raise UnderstudyError(f"no face was found in src ({names}): name clips that show the performer")
    identity = np.stack(known)  # (M, K)

    values = {name: np.full(len(indices), np.nan) for name in (*METRICS, "share", "dst")}
    missing = {"result": 0, "dst": 0, "src": len(looked_at) - len(known)}
    searched = [find_faces(_picked(source, indices), _SETTINGS) for source in (theirs, ours)]
    compared = 0
    for k, ((before, faces), (after, found)) in enumerate(zip(*searched, strict=False)):
        if faces:
            _compare(values, k, before, faces[0], after, _same(found, faces[0]), descriptor, identity)
        missing["dst"] += not faces
        missing["result"] += bool(faces) and math.isnan(values["pose"][k])
        progress.advance()
        compared += 1
    if compared < len(indices):
        raise UnderstudyError(f"{result} or {dst} ends before its last frame: the file is damaged")
    if missing["dst"] == len(indices):
        raise UnderstudyError(f"no face was found in {dst}: is it the clip whose face was replaced?")
    if missing["result"] == len(indices) - missing["dst"]:
        raise UnderstudyError(f"no face was found in {result} where {dst} shows one: is it the result of that clip?")
    among = [np.linalg.norm(identity[i] - identity[:i], axis=1) for i in range(1, len(identity))]
    return PaperScores(
        indices=indices,
        values={name: values[name] for name in METRICS},
        landmark_share=values["share"],
        dst_verification=values["dst"],
        src_verification=np.concatenate([*among, np.empty(0)]),
        missing=missing,
        src_frames=len(looked_at),
        perceptual=perceptual_backend(),
        descriptor=descriptor.name,
    )


def _refuse_unlike(result: Path, ours: FrameSource, dst: Path, theirs: FrameSource) -> None:
    a, b = ours.info, theirs.info
    advice = "name the clip that the result was made of"
    if a.frame_count != b.frame_count:
        raise UnderstudyError(f"{result} has {a.frame_count} frames and {dst} has {b.frame_count}: {advice}")
    if (a.width, a.height) != (b.width, b.height):
        raise UnderstudyError(f"{result} is {a.width}x{a.height} and {dst} is {b.width}x{b.height}: {advice}")


def _spread(count: int, wanted: int) -> NDArray[np.intp]:
    """At most `wanted` of `count` indices, spread evenly from the first to the last."""
    return np.rint(np.linspace(0, count - 1, min(wanted, count))).astype(np.intp)


def _picked(source: FrameSource, indices: NDArray[np.intp]) -> Iterator[Frame]:
    wanted = set(indices.tolist())
    return (frame for frame in source.frames(0, int(indices[-1]) + 1) if frame.index in wanted)


def _same(faces: Sequence[Face], known: Face) -> Face | None:
    if not faces:
        return None
    shares = overlap(known.box, np.stack([face.box for face in faces]))
    return faces[int(shares.argmax())] if shares.max() >= _SAME_FACE else None


def _compare(
    values: Mapping[str, NDArray[np.float64]],
    k: int,
    before: Frame,
    face: Face,
    after: Frame,
    swapped: Face | None,
    descriptor: Descriptor,
    identity: NDArray[np.floating[Any]],
) -> None:
    """Fill in the `k`-th value of every metric that can be had of one frame of dst and of the result."""
    # Not enlarged: pixels made up between the frame's would agree too well.
    native = _SIDE / float(np.linalg.norm(face_matrix(face.landmarks, "whole_face", _SIDE)[:, 0]))
    side = max(1, min(_SIDE, math.ceil(native)))
    matrix = face_matrix(face.landmarks, "whole_face", side)
    a, b = (warp(frame.eight_bit(), matrix, side) for frame in (after, before))
    inside = warp(np.ones(before.pixels.shape[:2], np.float32), matrix, side, cubic=False)
    values["ssim"][k] = ssim(a, b, inside)
    values["perceptual"][k] = perceptual_distance(a, b, inside)
    values["dst"][k] = _distance(descriptor.describe(before, face), identity)
    if swapped is None:
        return
    values["verification"][k] = _distance(descriptor.describe(after, swapped), identity)
    values["landmarks"][k] = np.linalg.norm(swapped.landmarks - face.landmarks, axis=1).mean()
    values["share"][k] = values["landmarks"][k] / np.linalg.norm(face.landmarks[45] - face.landmarks[36])
    turns = [getattr(swapped.pose, axis) - getattr(face.pose, axis) for axis in ("pitch", "yaw", "roll")]
    values["pose"][k] = np.rad2deg(np.linalg.norm([math.remainder(turn, math.tau) for turn in turns]))


def _distance(vector: NDArray[np.floating[Any]], identity: NDArray[np.floating[Any]]) -> float:
    """Mean distance of a descriptor (K,) to those of src's frames (M, K)."""
    return float(np.linalg.norm(identity - vector, axis=1).mean())
