"""A value that changes over time: keyframes, and what lies between them."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Ease = Literal["hold", "linear", "smooth"]
"""The way from one keyframe to the next: stay until there; at one pace; slowly off and slowly on (smoothstep)."""


class Keyframe(BaseModel):
    """What a setting is at one frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame: int = Field(ge=1, description="Number of the frame in the footage, counted from 1.")
    value: float = Field(allow_inf_nan=False, description="What the setting is there.")
    ease: Ease = Field(default="linear", description="The way from here to the next keyframe.")


def value_at(keyframes: Sequence[Keyframe], frame: int) -> float:
    """The value at a frame; that of the first keyframe before it, and of the last one after it.

    It never leaves the range between the two keyframes beside it.

    Args:
        keyframes: at least one, by rising frame.
        frame: counted from 1.
    """
    before = next((key for key in reversed(keyframes) if key.frame <= frame), None)
    after = next((key for key in keyframes if key.frame > frame), None)
    if before is None or after is None:
        return (before or after or keyframes[0]).value
    share = (frame - before.frame) / (after.frame - before.frame)
    way = {"hold": 0.0, "linear": share, "smooth": share * share * (3 - 2 * share)}[before.ease]
    return before.value + way * (after.value - before.value)
