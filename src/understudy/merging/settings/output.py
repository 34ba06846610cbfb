"""What a user chooses to have written beside the result."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class OutputSettings(BaseModel):
    """What else is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pictures: bool = Field(default=False, description="Also write every frame as a picture to data_dst/merged.")
    masks: bool = Field(default=False, description="Also write every frame's mask to data_dst/merged_mask.")
    mask_video: bool = Field(
        default=False,
        description="Also write every frame's mask as a grey video beside the result, as in result_mask.mp4; without "
        "loss where that is .mkv or .avi.",
    )
    alpha: bool = Field(
        default=False,
        description="The result's alpha is the mask, and its colours are straight: laid over the footage they give the "
        "merged frame. For prores (.mov), ffv1 (.mkv), png, tiff and exr.",
    )
    layers: Literal["half", "float"] | None = Field(
        default=None,
        description="Also write multi-layer EXR for compositors to data_dst/merged_layers, in half or float: result, "
        "plate, face, masks and ST map.",
    )
    sheet: bool = Field(
        default=False,
        description="Also write contact_sheet.jpg: frame, aligned face, prediction and result of six moments.",
    )
    comparison: bool = Field(
        default=False, description="Also write comparison.mp4: each frame of the footage beside the result."
    )
