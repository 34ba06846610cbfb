"""What a user chooses of the colours."""

from pydantic import BaseModel, ConfigDict, Field

from understudy.merging.color_transfer import ColorTransfer


class ColorSettings(BaseModel):
    """How the face takes on the colours of its surroundings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
