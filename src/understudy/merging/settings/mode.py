"""What a user chooses first: how the face and the frame become one picture."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MergeMode = Literal["original", "overlay", "hist-match", "seamless", "seamless-hist-match", "raw-rgb", "raw-predict"]
"""original: the frame as it is, with the mask that overlay has; overlay: the face with its mask; hist-match: tones
matched to the face that was there; seamless: the face's tint follows its surroundings at the edge; raw-rgb: the whole
square, untouched; raw-predict: the largest face's prediction alone, fitted into a black frame."""


class ModeSettings(BaseModel):
    """How the face is laid over the frame, and by whose numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: MergeMode = Field(default="overlay", description="How the face is laid over the frame.")
    morph_factor: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="How much of src's likeness an amp network gives the face; others give all of it.",
    )
    compat: Literal["none", "dfl"] = Field(
        default="none",
        description="dfl: the other settings mean what they mean in DeepFaceLab, to the number, where the two differ.",
    )
