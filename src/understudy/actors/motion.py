"""Motion blur: each pixel is averaged along the way it went while the shutter was open."""

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.actors.camera import Camera
from understudy.actors.stance import Stance
from understudy.actors.vector import Floats

_STILL = 0.7  # pixels of movement that nobody sees
_TAPS = 9


def head_velocity(depth: Floats, head: NDArray[np.bool_], now: Stance, before: Stance, camera: Camera) -> Floats:
    """(H, W, 2) pixels that the pixels of a rigid head moved.

    Args:
        depth: (H, W) of the picture.
        head: (H, W) which pixels show what moves with the head.
        now, before: the stance when the shutter closed and when it opened.
    """
    size = depth.shape[0]
    y, x = np.nonzero(head)
    place = camera.unproject(x.astype(np.float32), y.astype(np.float32), depth[y, x], size)
    came_from = camera.project(before.place(now.unplace(place)), size)
    velocity = np.zeros((size, size, 2), np.float32)
    velocity[y, x] = np.stack([x, y], axis=-1) - came_from
    return velocity


def smeared(picture: Floats, velocity: Floats) -> Floats:
    """The picture (H, W, 3) with the blur of a velocity field (H, W, 2) in pixels."""
    speed = np.hypot(velocity[..., 0], velocity[..., 1])
    fastest = float(speed.max())
    if fastest < _STILL:
        return picture
    # What moves also covers what lies beside it.
    width = int(fastest) | 1
    share = cv2.blur((speed > 0).astype(np.float32), (width, width))
    spread = cv2.blur(velocity, (width, width)) / np.maximum(share, 1e-3)[..., None]
    field = np.where((speed > 0)[..., None], velocity, spread * np.minimum(share * 2, 1)[..., None])
    y, x = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    total = np.zeros_like(picture)
    for t in np.linspace(-0.5, 0.5, _TAPS, dtype=np.float32):
        total += cv2.remap(
            picture, x + t * field[..., 0], y + t * field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
    return total / np.float32(_TAPS)
