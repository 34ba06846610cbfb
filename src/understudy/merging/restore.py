"""Detail for a face that the frame shows larger than the network made it: super resolution from the catalogue."""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.facesets import super_resolution
from understudy.media import resize
from understudy.merging.predictor import best_device
from understudy.merging.settings import MergeSettings


def missing_network(settings: MergeSettings) -> tuple[str, ...]:
    """A line where the settings ask for super resolution and its network is not there."""
    if settings.super_resolution == 0 or zoo.path(super_resolution.MODEL) is not None:
        return ()
    return (f"no super resolution: fetch its network with 'understudy models fetch {super_resolution.MODEL}'",)


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
    if power <= 0 or shown <= 1.0 or zoo.path(super_resolution.MODEL) is None:
        return face
    large = resize(face, face.shape[1] * super_resolution.SCALE, face.shape[0] * super_resolution.SCALE)
    large += np.float32(power) * (super_resolution.enlarge(face, _network()) - large)
    return large


@functools.cache
def _network() -> super_resolution.SuperResolution:
    return super_resolution.load_network().to(best_device())
