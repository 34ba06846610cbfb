"""Pictures of a result's best, median and worst frame beside the truth and the footage."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.reference import Reference
from understudy.evaluation.scores import Scores
from understudy.provenance import LabelSettings, Origin, SigningSettings, draw_label, write_marked_image

MOMENTS = ("best", "median", "worst")

_LABEL = LabelSettings(size=5.5)
_GAP = 4  # pixels


def moments(scores: Scores) -> dict[str, int]:
    """The frame of each of `MOMENTS`; empty where no frame could be compared."""
    order = scores.order()
    return dict(zip(MOMENTS, (order[0], order[len(order) // 2], order[-1]), strict=True)) if order else {}


def moment_picture(frames: NDArray[np.uint8], reference: Reference, index: int) -> NDArray[np.uint8]:
    """Truth, result and dst side by side, (V, 3 V + gaps, 3), aligned; the result is labelled as what it is.

    Args:
        frames: (N, S, S, 3) of the result.
        index: which frame.
    """
    result = reference.views(frames[index : index + 1], np.array([index]))[0]
    labelled, _ = draw_label(result, _LABEL)
    gap = np.full((len(result), _GAP, 3), 255, np.uint8)
    return np.hstack([reference.true_views[index], gap, labelled, gap, reference.dst_views[index]])


def write_moments(
    folder: Path, frames: NDArray[np.uint8], scores: Scores, reference: Reference, *, origin: Origin
) -> None:
    """Write `best.jpg`, `median.jpg` and `worst.jpg` into `folder`, signed as swaps that come from `origin`."""
    unlabelled = LabelSettings(enabled=False)  # the result within the picture has its label already
    for name, index in moments(scores).items():
        picture = moment_picture(frames, reference, index)
        write_marked_image(folder / f"{name}.jpg", picture, label=unlabelled, signing=SigningSettings(), origin=origin)
