"""What a user chooses of the colours."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ColorTransfer = Literal["none", "rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m"]
"""rct: mean and contrast of lightness and the two colour axes; mkl: the whole of RGB, turned and stretched with the
least possible change, lct: with a larger one; idt, sot: the whole distribution of colours, sot smoothed over the face;
mix: lightness as in rct, colours as in sot; none: the colours stay as they were predicted. "-m" says in DeepFaceLab
that the mask counts, which it always does here: mkl is mkl-m, and idt is idt-m."""


class ColorSettings(BaseModel):
    """How the face takes on the colours of its surroundings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    color_transfer: ColorTransfer = Field(
        default="rct", description="How the face takes on the colours of the face that was there."
    )
    light: float = Field(
        default=0.0,
        ge=0.0,
        le=100.0,
        description="Percent of the light that falls on one side of the face that was there, and not on the other.",
    )
    hist_match_threshold: int = Field(
        default=238,
        ge=1,
        le=255,
        description="In the hist-match modes: below 255, the brightest tones are left out; at 255, highlights may "
        "turn into speckles.",
    )
    masked_hist_match: bool = Field(
        default=True, description="In the hist-match modes: only tones under the mask count."
    )
