"""What a user chooses of the mask."""

from pydantic import BaseModel, ConfigDict, Field

from understudy.masks import MaskMode


class MaskSettings(BaseModel):
    """Which mask limits the face, and the shape of its edge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask: MaskMode = Field(default="learned-prd*learned-dst", description="Which mask limits the face.")
    erode: float = Field(
        default=4.0, ge=-50.0, le=50.0, description="Percent of face width by which the mask shrinks; negative: grows."
    )
    blur: float = Field(
        default=12.0, ge=0.0, le=100.0, description="Width of the mask's soft edge, in percent of face width."
    )
