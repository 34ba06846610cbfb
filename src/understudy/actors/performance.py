"""What a performer does over time, whoever performs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from understudy.actors.expression import CHANNELS
from understudy.actors.pose import Pose

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PerformanceFrame:
    """One moment.

    Attributes:
        expression: strength of the `CHANNELS`; those not named are 0.
        pose: rotation of the head against the camera.
        shift: millimetres of the head along the camera's axes (x right, y up, z to the viewer).
        before: pose and shift when the shutter opened, for motion blur; None: at rest.
    """

    expression: Mapping[str, float] = field(default_factory=dict)
    pose: Pose = Pose()
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    before: "tuple[Pose, tuple[float, float, float]] | None" = None

    def strength(self, channel: str) -> float:
        """Of one of the `CHANNELS`."""
        return float(self.expression.get(channel, 0.0))


__all__ = ["CHANNELS", "PerformanceFrame"]
