"""Detail for a face that the frame shows larger than the network made it: super resolution from the catalogue."""

import functools
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.facesets import super_resolution
from understudy.media import resize
from understudy.merging.predictor import best_device
from understudy.merging.settings import MergeSettings


def missing_network(settings: Iterable[MergeSettings]) -> tuple[str, ...]:
    """A line where any of the settings ask for super resolution and its network is not there."""
    if is_there() or all(each.super_resolution == 0 for each in settings):
        return ()
    return (f"no super resolution: fetch its network with 'understudy models fetch {super_resolution.MODEL}'",)


def is_there() -> bool:
    """Whether the network is; its file is read from end to end for it."""
    return zoo.path(super_resolution.MODEL) is not None


def restore_detail(face: NDArray[np.float32], paste: NDArray[np.float64], power: float) -> NDArray[np.float32]:
    """A finer picture of the face.

    Args:
        face: (S, S, 3) RGB 0..1.
        paste: (2, 3) from frame pixels to pixels of the face.
        power: 0..1, share of the network's detail.

    Returns:
        (4 S, 4 S, 3) float32; `face` itself where the network is missing, or where the frame shows the face no larger.
    """
    shown = 1.0 / math.sqrt(abs(np.linalg.det(paste[:, :2])))  # frame pixels in a pixel of the face
    if power <= 0 or shown <= 1.0 or not is_there():
        return face
    large = resize(face, face.shape[1] * super_resolution.SCALE, face.shape[0] * super_resolution.SCALE)
    large += np.float32(power) * (super_resolution.enlarge(face, _network()) - large)
    return large


@functools.cache
def _network() -> super_resolution.SuperResolution:
    return super_resolution.load_network().to(best_device())
