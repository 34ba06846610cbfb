"""What the detectors are shown: one condition changed at a time, on many performers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from understudy.actors import Camera, Light, Lighting, Occluder, Performance, PerformanceFrame, Pose, Scene

Condition = Literal["performance", "yaw", "size", "light", "occlusion"]
"""What is varied; `performance`: moments of performances as they come, in sets as they come."""

SIDE = 400  # pixels of a picture
YAWS = tuple(range(-75, 76, 15))  # degrees
SIZES = (20, 28, 40, 56, 80, 112, 160, 224)  # pixels, longer side of the face's box
_FACE = 190.0  # millimetres, the same of a typical performer
_FIRST = 2100  # seed of the first performer; no other suite shows them
_MOMENTS = 12  # of a performance
_TILT = 0.12  # radians, standard deviation of pitch and roll
_FRONTAL = 0.35  # radians of yaw at most, where something else is varied
_SECONDS, _RATE = 8.0, 25.0  # of the performance that expressions are taken from

_BASE = Lighting()
LIGHTS: dict[str, tuple[Lighting, float]] = {  # and the exposure
    "front": (replace(_BASE, key=Light((0.0, 0.25, 1.0), _BASE.key.colour)), 1.0),
    "side": (replace(_BASE, key=Light((-1.0, 0.15, 0.1), _BASE.key.colour)), 1.0),
    "above": (replace(_BASE, key=Light((0.0, 1.0, 0.15), _BASE.key.colour)), 1.0),
    "below": (replace(_BASE, key=Light((0.0, -0.8, 0.6), _BASE.key.colour)), 1.0),
    "behind": (replace(_BASE, key=Light((-0.5, 0.4, -0.75), _BASE.key.colour)), 1.0),
    "hard": (
        Lighting(Light((-0.8, 0.3, 0.5), (4.0, 3.8, 3.5), 1.0), sky=(0.04, 0.04, 0.05), ground=(0.02, 0.02, 0.02)),
        1.0,
    ),
    "dim": (_BASE, 0.12),
    "dark": (_BASE, 0.03),
    "glaring": (_BASE, 4.0),
}
OCCLUSIONS: dict[str, tuple[Occluder, ...]] = {
    "none": (),
    "hand on mouth": (Occluder("hand", at=(15.0, -75.0, 95.0), turn=0.9),),
    "hand on eye": (Occluder("hand", at=(55.0, -25.0, 95.0), turn=0.3),),
    "microphone": (Occluder("microphone", at=(5.0, -48.0, 85.0), turn=0.2),),
    "hair strand": (Occluder("lock", at=(-28.0, 5.0, 70.0), tone=0.8),),
}


@dataclass(frozen=True, eq=False)
class Trial:
    """One picture to be rendered.

    Attributes:
        condition: what is varied.
        value: which value of it; a number of degrees or pixels, or a name.
        seed: of the performer.
        frame, scene: the moment and the set.
    """

    condition: Condition
    value: float | str
    seed: int
    frame: PerformanceFrame
    scene: Scene


def performers(count: int) -> tuple[int, ...]:
    """Seeds of the suite's performers."""
    return tuple(range(_FIRST, _FIRST + count))


def trials(seed: int) -> Iterator[Trial]:
    """Every picture of one performer; equal for equal seeds."""
    rng = np.random.default_rng([seed, 0xDE])
    moments = Performance.from_seed(seed, _SECONDS, _RATE)
    for index in np.sort(rng.choice(len(moments), _MOMENTS, replace=False)):
        moment = replace(moments[int(index)], before=None)
        yield Trial("performance", "any", seed, moment, _drawn_scene(rng))
    for yaw in YAWS:
        yield Trial("yaw", yaw, seed, _turned(moments, rng, np.deg2rad(yaw)), _drawn_scene(rng))
    for size in SIZES:
        yield Trial("size", size, seed, _near_frontal(moments, rng), _scene_of_size(size))
    for name, (lighting, exposure) in LIGHTS.items():
        yield Trial("light", name, seed, _near_frontal(moments, rng), Scene(lighting=lighting, exposure=exposure))
    for name, occluders in OCCLUSIONS.items():
        yield Trial("occlusion", name, seed, _near_frontal(moments, rng), Scene(occluders=occluders))


def _turned(moments: Performance, rng: np.random.Generator, yaw: float) -> PerformanceFrame:
    """An expression of the performance on a head that stands still, turned as said and tilted a little."""
    pitch, roll = rng.normal(0, _TILT, 2)
    chosen = moments[int(rng.integers(len(moments)))]
    return PerformanceFrame(chosen.expression, Pose(float(pitch), float(yaw), float(roll)), time=chosen.time)


def _near_frontal(moments: Performance, rng: np.random.Generator) -> PerformanceFrame:
    return _turned(moments, rng, float(rng.uniform(-_FRONTAL, _FRONTAL)))


def _drawn_scene(rng: np.random.Generator) -> Scene:
    return Scene.from_seed(int(rng.integers(1 << 30)))


def _scene_of_size(pixels: float) -> Scene:
    """The camera so far away that a face has about so many pixels on its longer side."""
    lens = Camera().lens
    return Scene(camera=Camera(lens, distance=_FACE * lens / 36 * SIDE / pixels))
