"""A face as its neighbours in time make it: steadier masks and colours, or a neighbour in its place."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from understudy.merging.color_pool import ColorPool
from understudy.merging.mask_steadying import steady_masks
from understudy.merging.moment import Moment
from understudy.merging.neighbours import Reach, Sight
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.rim import Rim

Others = Sequence[tuple[int, Sight]]
"""The same face in other frames, the nearest first, and how many frames away: negative before."""


def steadied(
    index: int, sight: Sight, prediction: Prediction, others: Others, reach: Reach
) -> tuple[Prediction, Moment]:
    """The `prediction` of a sight in the frame `index` with steadied masks, and what the frames around tell of it."""
    masks = [
        (_share(distance, reach.mask), other.outcome)
        for distance, other in others
        if abs(distance) <= reach.mask and isinstance(other.outcome, Prediction)
    ]
    colors: ColorPool | None = None
    rims: list[tuple[float, Rim]] = []
    if sight.colors is not None:
        near = [
            (_share(distance, reach.color), other.colors, other.rim)
            for distance, other in others
            if abs(distance) <= reach.color and other.colors is not None
        ]
        colors = ColorPool.gather(sight.colors, [(share, grid) for share, grid, _ in near])
        rims = [(share * sight.colors.likeness(grid), rim) for share, grid, rim in near if rim is not None]
    beside = {distance: other.face.landmarks for distance, other in others if abs(distance) == 1}
    moment = Moment(before=beside.get(-1), after=beside.get(1), colors=colors, rims=rims, frame=index)
    return steady_masks(prediction, masks), moment


def stand_in(face: PlacedFace, others: Others) -> tuple[int, Sight] | None:
    """How far away the nearest sight of a face is that the network could swap, and that sight, in the face's place.

    Where the landmarks place the face nowhere, that sight's own place is taken. None where there is no such sight.
    """
    for distance, other in others:
        if isinstance(other.outcome, Prediction):
            place = other.face.landmarks if _is_lost(face) else face.landmarks
            return distance, replace(other, face=replace(face, landmarks=place))
    return None


def _share(distance: int, reach: int) -> float:
    """How much a frame counts that lies so far away: a bell that ends beyond `reach`."""
    return math.exp(-2.0 * (distance / (reach + 1)) ** 2)


def _is_lost(face: PlacedFace) -> bool:
    return not np.isfinite(face.landmarks).all() or bool(np.ptp(face.landmarks, axis=0).max() == 0)
