"""What a user chooses for a merge: one model from which the flags, the saved settings and their checks derive."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.masks import MaskMode
from understudy.merging.color_transfer import ColorTransfer

MergeMode = Literal["overlay", "seamless", "hist-match", "seamless-hist-match", "raw-rgb", "raw-predict"]
"""overlay: the face with its mask; seamless: the face's tint follows its surroundings at the edge; hist-match: tones
matched to the face that was there; raw-rgb: the whole square, untouched; raw-predict: the largest face's prediction
alone, fitted into a black frame."""


class MergeSettings(BaseModel):
    """How swapped faces are put back into their frames.

    Lengths are percent of the face's width (outer end of one brow to outer end of the other), so that the same numbers
    look the same on a close-up and in the distance, at every model resolution.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: MergeMode = Field(default="overlay", description="How the face is laid over the frame.")
    mask: MaskMode = Field(default="learned-prd*learned-dst", description="Which mask limits the face.")
    erode: float = Field(
        default=4.0, ge=-50.0, le=50.0, description="Percent of face width by which the mask shrinks; negative: grows."
    )
    blur: float = Field(
        default=12.0, ge=0.0, le=100.0, description="Width of the mask's soft edge, in percent of face width."
    )
    face_scale: float = Field(
        default=0.0, ge=-50.0, le=50.0, description="Percent by which the face is enlarged; negative: made smaller."
    )
    color_transfer: ColorTransfer = Field(
        default="rct", description="How the face takes on the colours of the face that was there."
    )
    hist_match_threshold: int = Field(
        default=238,
        ge=1,
        le=255,
        description="In the hist-match modes: below 255, the brightest tones are left out; at 255, highlights may "
        "turn into speckles.",
    )
    morph_factor: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="How much of src's likeness an amp network gives the face; others give all of it.",
    )
    smooth: float = Field(
        default=0.1, ge=0.0, le=2.0, description="Seconds over which landmarks are smoothed, without lag; 0: off."
    )
    batch_size: int = Field(default=8, ge=1, le=256, description="Faces that the network swaps at once.")
    frames: bool = Field(default=False, description="Also write every frame as a picture to data_dst/merged.")
    masks: bool = Field(default=False, description="Also write every frame's mask to data_dst/merged_mask.")
    sheet: bool = Field(
        default=False,
        description="Also write contact_sheet.jpg: frame, aligned face, prediction and result of six moments.",
    )
    comparison: bool = Field(
        default=False, description="Also write comparison.mp4: each frame of the footage beside the result."
    )
