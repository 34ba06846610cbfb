"""How far a swap is from the truth: every metric, for every frame."""

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from understudy.actors import Pose
from understudy.evaluation.identity import likeness
from understudy.evaluation.measured import Measured, measure
from understudy.evaluation.perceptual import perceptual_distance
from understudy.evaluation.reference import Reference
from understudy.evaluation.seam import seam_error
from understudy.evaluation.similarity import psnr, ssim
from understudy.evaluation.temporal import temporal_errors
from understudy.project import UnderstudyError


@dataclass(frozen=True)
class Metric:
    """One column of a report.

    Attributes:
        name: key in documents.
        label: what people read.
        unit: of the values as shown.
        better: which way.
        about: what it is, in a sentence.
        digits: shown after the point.
        scale: factor from the value to what is shown.
        total: the frames' values are added up, not averaged.
    """

    name: str
    label: str
    unit: str
    better: Literal["higher", "lower"]
    about: str
    digits: int = 2
    scale: float = 1.0
    total: bool = False

    def shown(self, value: float | None) -> str:
        """A value as a report prints it."""
        return "–" if value is None else f"{value * self.scale:.{self.digits}f}"


_DEGREES = 180 / math.pi

METRICS: tuple[Metric, ...] = (
    Metric("psnr", "PSNR", "dB", "higher", "Aligned face against the truth, in the truth mask.", 1),
    Metric("ssim", "SSIM", "", "higher", "The same, structural similarity.", 3),
    Metric("perceptual", "Perceptual", "", "lower", "The same, distance of deep features.", 3),
    Metric(
        "landmarks",
        "Landmarks",
        "% eyes",
        "lower",
        "Landmarks found in the result against those found in the truth; share of the distance of the eyes.",
        scale=100,
    ),
    Metric(
        "landmarks_exact",
        "Exact landmarks",
        "% eyes",
        "lower",
        "The same against the exact landmarks: the truth's own value is the landmarker's error.",
        scale=100,
    ),
    Metric("pose", "Pose", "°", "lower", "Angle between the head poses measured in result and truth.", 1, _DEGREES),
    Metric(
        "expression",
        "Expression",
        "",
        "lower",
        "Difference of the strengths, 0 to 1, of four expressions measured in result and truth.",
        3,
    ),
    Metric("gaze", "Gaze", "°", "lower", "Angle between the gazes measured in result and truth.", 1, _DEGREES),
    Metric(
        "identity",
        "Likeness",
        "",
        "higher",
        "1: the face is src's; 0: as close to another performer; -1: it is another's.",
        2,
    ),
    Metric("identity_rank", "Rank", "", "lower", "Place of src among the closest performers; 1 is best.", 1),
    Metric(
        "temporal",
        "Temporal",
        "/255",
        "lower",
        "Change from frame to frame against the truth's own change.",
        scale=255,
    ),
    Metric("seam", "Seam", "/255", "lower", "Edges around the mask's border that neither dst nor truth has.", 2),
    Metric(
        "background",
        "Background",
        "px",
        "lower",
        "Pixels of the clip far from the face that differ from the footage.",
        0,
        total=True,
    ),
    Metric("missed", "Missed", "%", "lower", "Frames in which no face is found though there is one.", 1, 100),
)
"""What is measured; values are in plain units (shares, radians, 0..1), `scale` turns them into those shown."""


@dataclass(frozen=True, eq=False)
class Scores:
    """A result's scores.

    Attributes:
        frames: for each of `METRICS` its value in every frame (N,); NaN where there is none.
    """

    frames: Mapping[str, NDArray[np.float64]]

    def value(self, name: str) -> float | None:
        """The metric over the clip; None where no frame has it."""
        values = self.frames[name][np.isfinite(self.frames[name])]
        metric = next(metric for metric in METRICS if metric.name == name)
        if not len(values):
            return None
        return float(values.sum() if metric.total else values.mean())

    def order(self) -> list[int]:
        """Frames from the best to the worst, by perceptual distance; those without a face to compare are left out."""
        distance = self.frames["perceptual"]
        return [int(k) for k in np.argsort(distance, kind="stable") if np.isfinite(distance[k])]

    def document(self) -> dict[str, Any]:
        """As plain values for JSON, rounded to six digits."""
        frames = {name: [rounded(float(v)) for v in values] for name, values in self.frames.items()}
        as_written = Scores.of(frames)
        return {"clip": {metric.name: rounded(as_written.value(metric.name)) for metric in METRICS}, "frames": frames}

    @staticmethod
    def of(frames: Mapping[str, Sequence[float | None]]) -> "Scores":
        """Scores from the `frames` of a document."""
        return Scores(
            {m.name: np.array([math.nan if v is None else v for v in frames[m.name]], np.float64) for m in METRICS}
        )


def rounded(value: float | None) -> float | None:
    """To six digits, None for what is no number: how documents hold values."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def score(frames: NDArray[np.uint8], reference: Reference) -> Scores:
    """Hold a result against the truth.

    Args:
        frames: (N, S, S, 3) uint8 RGB: dst's clip with src's face, as many frames and as large as the reference's.

    Raises:
        UnderstudyError: another count or size of frames.
    """
    if frames.shape != reference.dst.frames.shape:
        raise UnderstudyError(
            f"the result has {_size(frames)}, but dst has {_size(reference.dst.frames)}: merge it again"
        )
    views = reference.views(frames)
    truth, masks = reference.true_views, reference.masks
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pictures = list(pool.map(lambda k: _picture(views[k], truth[k], masks[k]), range(len(frames))))
        seams = list(
            pool.map(lambda k: seam_error(views[k], reference.edges[k], reference.bands[k]), range(len(frames)))
        )
    values = dict(zip(("psnr", "ssim", "perceptual"), np.array(pictures).T, strict=True))
    values["seam"] = np.array(seams)
    values["temporal"] = temporal_errors(views, truth, masks)
    values["background"] = _background(frames, reference)
    values |= _behaviour(measure(frames, reference.true.landmarks), reference)
    near = likeness(views[reference.sampled], reference.candidate_views, masks[reference.sampled])
    for name, sampled in (("identity", near.margins), ("identity_rank", near.ranks)):
        values[name] = np.full(len(frames), np.nan)
        values[name][reference.sampled] = sampled
    return Scores({metric.name: values[metric.name] for metric in METRICS})


def _picture(
    view: NDArray[np.uint8], truth: NDArray[np.uint8], mask: NDArray[np.float32]
) -> tuple[float, float, float]:
    if not mask.any():
        return math.nan, math.nan, math.nan
    return psnr(view, truth, mask), ssim(view, truth, mask), perceptual_distance(view, truth, mask)


def _background(frames: NDArray[np.uint8], reference: Reference) -> NDArray[np.float64]:
    """(N,) pixels outside that show neither what was filmed nor, as the truth itself does, the truth."""
    strange = (frames != reference.dst.frames).any(axis=3) & (frames != reference.true.frames).any(axis=3)
    return np.asarray((strange & reference.outside).sum(axis=(1, 2)), np.float64)


def _behaviour(result: Measured, reference: Reference) -> dict[str, NDArray[np.float64]]:
    """What the face does and where it points, against the same measurement of the truth."""
    truth = reference.measured
    apart = result.landmarks - truth.landmarks
    exact = result.landmarks - reference.true.landmarks
    gaze = reference.gaze(result.of_gaze) - reference.gaze(truth.of_gaze)
    expression = reference.expressions(result.of_expression) - reference.expressions(truth.of_expression)
    return {
        "landmarks": np.linalg.norm(apart, axis=2).mean(axis=1) / reference.eyes_apart,
        "landmarks_exact": np.linalg.norm(exact, axis=2).mean(axis=1) / reference.eyes_apart,
        "pose": angles(result.poses, truth.poses),
        "expression": np.abs(expression).mean(axis=1),
        "gaze": np.where(reference.open_eyes, np.linalg.norm(gaze, axis=1), np.nan),
        "missed": np.where(truth.found, ~result.found, np.nan),
    }


def angles(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) radians of the turn that takes one head pose to the other; both (N, 3) pitch, yaw and roll."""
    apart = [np.linalg.norm(Pose(*one).matrix() - Pose(*other).matrix()) for one, other in zip(a, b, strict=True)]
    return np.asarray(2 * np.arcsin(np.minimum(np.array(apart) / math.sqrt(8), 1)))


def _size(frames: NDArray[np.uint8]) -> str:
    return f"{len(frames)} frames of {frames.shape[2]}x{frames.shape[1]}"
