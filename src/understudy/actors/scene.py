"""Where a performance is filmed: camera, light, background and what comes between."""

from dataclasses import dataclass, field

import numpy as np

from understudy.actors.camera import Camera
from understudy.actors.identity import Identity
from understudy.actors.light import Lighting
from understudy.actors.occluders import Occluder
from understudy.actors.performance import Performance


@dataclass(frozen=True, eq=False)
class Companion:
    """A second person in the frame.

    Attributes:
        identity, performance: who, and what they do.
        shift: millimetres from the performer's place, camera axes.
    """

    identity: Identity
    performance: Performance
    shift: tuple[float, float, float] = (210.0, -10.0, -120.0)


@dataclass(frozen=True)
class Scene:
    """A set.

    Attributes:
        camera, lighting: what they say.
        background: seed of the room behind.
        exposure: factor on the light before it becomes a picture.
        grain: standard deviation of the film grain, in 8-bit steps.
        motion_blur: whether what moves is smeared as by an open shutter.
        occluders: what is between camera and performer.
        companion: a second person.
    """

    camera: Camera = field(default_factory=Camera)
    lighting: Lighting = field(default_factory=Lighting)
    background: int = 0
    exposure: float = 1.0
    grain: float = 1.5
    motion_blur: bool = True
    occluders: tuple[Occluder, ...] = ()
    companion: Companion | None = None

    @staticmethod
    def from_seed(seed: int) -> "Scene":
        """A set drawn from a seed: lens, lights and room; nothing between camera and performer."""
        rng = np.random.default_rng([seed, 0x5E])
        lens = float(rng.uniform(65, 125))
        return Scene(
            camera=Camera(lens=lens, distance=10.6 * lens * float(rng.uniform(0.9, 1.08))),
            lighting=Lighting.from_seed(seed),
            background=seed,
            exposure=float(rng.uniform(0.92, 1.1)),
            grain=float(rng.uniform(0.8, 2.2)),
        )
