"""A face as its neighbours in time make it: steadier masks and colours, or a neighbour in its place."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from understudy.merging.color_pool import ColorGrid, ColorPool
from understudy.merging.mask_steadying import steady_masks
from understudy.merging.moment import Moment
from understudy.merging.neighbours import Reach, Sight
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.texture import Texture

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
    beside = {distance: other.face.landmarks for distance, other in others if abs(distance) == 1}
    moment = Moment(before=beside.get(-1), after=beside.get(1), frame=index)
    if sight.colors is not None:
        near = [(_share(distance, reach.color), other) for distance, other in others if abs(distance) <= reach.color]
        moment = _told(moment, sight, sight.colors, near)
    return steady_masks(prediction, masks), moment


def _told(moment: Moment, sight: Sight, own: ColorGrid, near: Sequence[tuple[float, Sight]]) -> Moment:
    """The same moment with what other sights, each with its share, tell besides the `own` colours of this one."""
    grids = [(share, other.colors) for share, other in near if other.colors is not None]
    alike = [(share * own.same_light(other.colors), other) for share, other in near if other.colors is not None]
    textures = [(share, other.texture) for share, other in [(1.0, sight), *alike] if other.texture is not None]
    return replace(
        moment,
        colors=ColorPool.gather(own, grids),
        rims=[(share, other.rim) for share, other in alike if share > 0 and other.rim is not None],
        texture=Texture.mean(textures) if sight.texture is not None else None,
    )


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
