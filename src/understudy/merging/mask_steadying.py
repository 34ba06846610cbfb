"""The network's masks steadied over neighbouring frames."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from understudy.merging.prediction import Prediction

_FLICKER = 0.5  # a mask that changes by so much has changed: a hand came before the face


def steady_masks(own: Prediction, others: Sequence[tuple[float, Prediction]]) -> Prediction:
    """`own` with each of its masks averaged over time, pixel by pixel of the crop, where it hardly changes.

    Crops follow the face, so its motion needs no further heed. A pixel of another frame counts the less the more its
    mask differs (a bilateral filter in time; Tomasi and Manduchi, 1998): flicker is evened out, and an edge that moves
    over the face stays sharp.

    Args:
        own: of the frame in question.
        others: neighbouring frames' predictions of the same face, and how much each counts, 0..1.
    """
    if not others:
        return own
    steadied = {}
    for part in fields(own):
        mask = getattr(own, part.name)
        if mask is not None and mask.ndim == 2:
            seen = [(share, getattr(other, part.name)) for share, other in others]
            steadied[part.name] = _steady(mask, [(share, there) for share, there in seen if there is not None])
    return replace(own, **steadied)


def _steady(mask: NDArray[np.float32], others: Sequence[tuple[float, NDArray[np.float32]]]) -> NDArray[np.float32]:
    change = np.zeros_like(mask)
    total = np.ones_like(mask)
    for share, other in others:
        if other.shape != mask.shape:
            continue
        difference = other - mask
        weight = np.square(difference) * np.float32(-1 / _FLICKER**2)
        weight += 1
        np.maximum(weight, 0, out=weight)
        np.square(weight, out=weight)
        weight *= np.float32(share)
        total += weight
        change += weight * difference
    change /= total
    return mask + change
