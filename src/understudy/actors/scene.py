"""Where a performance is filmed: camera, light, background and what comes between."""

from dataclasses import dataclass, field

import numpy as np

from understudy.actors.camera import Camera
from understudy.actors.light import Light, Lighting


@dataclass(frozen=True)
class Scene:
    """A set.

    Attributes:
        camera, lighting: what they say.
        background: seed of the room behind.
        exposure: factor on the light before it becomes a picture.
        grain: standard deviation of the film grain, in 8-bit steps.
    """

    camera: Camera = field(default_factory=Camera)
    lighting: Lighting = field(default_factory=Lighting)
    background: int = 0
    exposure: float = 1.0
    grain: float = 1.5
