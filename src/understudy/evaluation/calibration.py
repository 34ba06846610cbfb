"""From what is measured of a face to what was performed, learnt on frames of which both are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.actors import Performance, PerformanceFrame, Pose

_RIDGE = 0.05  # of the unit variance that each input is scaled to
_FOLDS = 5
_GAZE_REACH = (0.55, 0.75 * 0.55)  # radians across and up that a performer's eyes turn at a strength of 1

EXPRESSIONS = ("jaw", "smile", "blink", "brows")
"""What landmarks follow well enough to be told from them; rounded, pressed and stretched lips they do not."""


def range_of_motion(seed: int, count: int) -> Performance:
    """A performance of unconnected moments that together show what a face can do in all its poses."""
    rng = np.random.default_rng([seed, 0xCA])
    return Performance(seed, 8.0, tuple(_moment(rng, index / 8) for index in range(count)))


def _moment(rng: np.random.Generator, time: float) -> PerformanceFrame:
    strength = float(rng.uniform(0.2, 1))
    mouths: tuple[dict[str, float], ...] = (
        {"smile_left": strength, "smile_right": strength},
        {"pucker": strength},
        {"funnel": strength},
        {},
    )
    brow = float(rng.uniform(-1, 1))
    blink = float(np.clip(rng.uniform(-1.5, 1.5), 0, 1))
    brows = "brow_raise" if brow > 0 else "brow_lower"
    expression = {
        "jaw_open": float(rng.beta(0.7, 1.2)),
        **mouths[int(rng.integers(len(mouths)))],
        **{f"{brows}_{side}": abs(brow) for side in ("left", "right")},
        **{f"blink_{side}": blink for side in ("left", "right")},
        "gaze_x": float(rng.uniform(-1, 1)),
        "gaze_y": float(rng.uniform(-1, 1)),
    }
    yaw = float(rng.uniform(-1.1, 1.1) * rng.uniform(0.3, 1))
    pose = Pose(float(rng.normal(0, 0.12)), yaw, float(rng.normal(0, 0.08)))
    return PerformanceFrame(expression=expression, pose=pose, time=time)


def performed(frames: Iterable[PerformanceFrame]) -> NDArray[np.float64]:
    """(N, 4) strengths of `EXPRESSIONS`; brows from -1, lowered, to 1, raised, the others from 0 to 1."""

    def strengths(frame: PerformanceFrame) -> tuple[float, ...]:
        both = {
            name: (frame.strength(f"{name}_left") + frame.strength(f"{name}_right")) / 2
            for name in ("smile", "blink", "brow_raise", "brow_lower")
        }
        brows = both["brow_raise"] - both["brow_lower"]
        return frame.strength("jaw_open"), both["smile"], both["blink"], brows

    return np.array([strengths(frame) for frame in frames])


def looked(frames: Iterable[PerformanceFrame]) -> NDArray[np.float64]:
    """(N, 2) radians of gaze against the head, to the image's right and up."""
    return np.array([(frame.strength("gaze_x"), frame.strength("gaze_y")) for frame in frames]) * _GAZE_REACH


@dataclass(frozen=True, eq=False)
class Calibration:
    """A linear map from K measured values to M known ones, with how well it does on frames it has not seen.

    Attributes:
        mean, scale: (K,) that the inputs are brought to zero and one with.
        weights: (K + 1, M), the last row the offset.
        floor: (M,) mean absolute error on unseen frames.
        correlation: (M,) of estimate and truth on unseen frames; NaN where the truth does not vary.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    floor: NDArray[np.float64]
    correlation: NDArray[np.float64]

    @staticmethod
    def fit(inputs: NDArray[np.floating[Any]], known: NDArray[np.floating[Any]]) -> "Calibration":
        """Fit by ridge regression; its faults are found by leaving out each fifth of the frames in turn.

        Args:
            inputs: (N, K) finite.
            known: (N, M).
        """
        mean, scale, weights = _ridge(inputs, known)
        guesses = np.empty_like(known, dtype=np.float64)
        for held in np.array_split(np.arange(len(inputs)), _FOLDS):
            rest = np.setdiff1d(np.arange(len(inputs)), held)
            guesses[held] = _apply(inputs[held], *_ridge(inputs[rest], known[rest]))
        spread = guesses.std(axis=0) * known.std(axis=0)
        together = ((guesses - guesses.mean(axis=0)) * (known - known.mean(axis=0))).mean(axis=0)
        correlation = np.where(spread > 1e-9, together / np.maximum(spread, 1e-9), np.nan)
        return Calibration(mean, scale, weights, np.abs(guesses - known).mean(axis=0), correlation)

    def __call__(self, inputs: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(N, K) to (N, M); NaN stays NaN."""
        return _apply(inputs, self.mean, self.scale, self.weights)


_Fit = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def _ridge(inputs: NDArray[np.floating[Any]], known: NDArray[np.floating[Any]]) -> _Fit:
    mean, scale = inputs.mean(axis=0), np.maximum(inputs.std(axis=0), 1e-6)
    x = (inputs - mean) / scale
    offset = known.mean(axis=0)
    slope = np.linalg.solve(x.T @ x / len(x) + _RIDGE * np.eye(x.shape[1]), x.T @ (known - offset) / len(x))
    return mean, scale, np.vstack([slope, offset])


def _apply(
    inputs: NDArray[np.floating[Any]],
    mean: NDArray[np.float64],
    scale: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    return np.asarray((inputs - mean) / scale @ weights[:-1] + weights[-1])
