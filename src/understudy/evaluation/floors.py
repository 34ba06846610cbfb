"""How well measuring works: what is measured of the truth against what is exactly known of it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.calibration import EXPRESSIONS, Calibration, looked, performed
from understudy.evaluation.reference import Reference
from understudy.evaluation.scores import angles, rounded


def floors(reference: Reference) -> dict[str, dict[str, float | None]]:
    """For each measured quantity its mean `error` in the truth's clip and, where it is calibrated, the `correlation`
    with what was performed, on frames of the range of motion that the calibration had not seen.

    Returns:
        By quantity: `pose` and the gaze in radians, expressions in strengths.
    """
    measured, frames = reference.measured, reference.true.performance
    expression = reference.expressions(measured.of_expression) - performed(frames)
    gaze = np.where(reference.open_eyes[:, None], reference.gaze(measured.of_gaze) - looked(frames), np.nan)
    pose = angles(measured.poses, reference.true.poses)
    return {
        "pose": {"error": _mean(pose)},
        **_calibrated(EXPRESSIONS, expression, reference.expressions),
        **_calibrated(("gaze across", "gaze up"), gaze, reference.gaze),
    }


def _calibrated(
    names: tuple[str, ...], errors: NDArray[np.float64], calibration: Calibration
) -> dict[str, dict[str, float | None]]:
    return {
        name: {"error": _mean(errors[:, k]), "correlation": rounded(float(calibration.correlation[k]))}
        for k, name in enumerate(names)
    }


def _mean(errors: NDArray[Any]) -> float | None:
    finite = np.abs(errors[np.isfinite(errors)])
    return rounded(float(finite.mean())) if finite.size else None
