"""What a user chooses to have written beside the result."""

from pydantic import BaseModel, ConfigDict, Field


class OutputSettings(BaseModel):
    """What else is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: bool = Field(default=False, description="Also write every frame as a picture to data_dst/merged.")
    masks: bool = Field(default=False, description="Also write every frame's mask to data_dst/merged_mask.")
    sheet: bool = Field(
        default=False,
        description="Also write contact_sheet.jpg: frame, aligned face, prediction and result of six moments.",
    )
    comparison: bool = Field(
        default=False, description="Also write comparison.mp4: each frame of the footage beside the result."
    )
