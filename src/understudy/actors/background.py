"""What lies behind the performers: an out-of-focus room, drawn from a seed."""

from functools import lru_cache

import cv2
import numpy as np

from understudy.actors.pigment import hue_colour
from understudy.actors.vector import Floats


@lru_cache(maxsize=8)
def backdrop(seed: int, size: int) -> Floats:
    """(size, size, 3) linear RGB; the same picture at every size."""
    rng = np.random.default_rng([seed, 0xBA])
    side = 256
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    hue = float(rng.uniform())
    wall = hue_colour(hue, float(rng.uniform(0.05, 0.35)), float(rng.uniform(0.25, 0.7)))
    other = hue_colour(hue + float(rng.normal(0, 0.12)), float(rng.uniform(0.05, 0.4)), float(rng.uniform(0.15, 0.55)))
    turn = float(rng.uniform(0, 2 * np.pi))
    t = np.clip(0.5 + (x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn), 0, 1)[..., None]
    picture = wall * (1 - t) + other * t
    for _ in range(int(rng.integers(3, 9))):
        left, top = rng.uniform(-0.2, 1.0, 2)
        width, height = rng.uniform(0.06, 0.5), rng.uniform(0.15, 0.9)
        colour = hue_colour(hue + float(rng.normal(0, 0.2)), float(rng.uniform(0, 0.6)), float(rng.uniform(0.05, 0.8)))
        box = (x > left) & (x < left + width) & (y > top) & (y < top + height)
        picture = np.where(box[..., None], 0.35 * picture + 0.65 * colour, picture)
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), float(rng.uniform(7, 16)))
    for _ in range(int(rng.integers(0, 14))):
        cx, cy, r = rng.uniform(0, 1), rng.uniform(0, 0.8), rng.uniform(0.015, 0.05)
        disc = np.clip((r - np.hypot(x - cx, y - cy)) * side / 2.5 + 0.5, 0, 1)[..., None]
        light = hue_colour(float(rng.uniform(0.02, 0.16)), float(rng.uniform(0.1, 0.7)), 1.0)
        picture = picture + disc * light * np.float32(rng.uniform(0.1, 0.7))
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.6)
    grown = cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)
    grown = np.asarray(np.maximum(grown, 0.002), np.float32)
    grown.flags.writeable = False
    return grown
