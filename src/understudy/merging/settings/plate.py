"""What a user chooses of the frame around the faces."""

from pydantic import BaseModel, ConfigDict, Field


class PlateSettings(BaseModel):
    """How the whole frame is made worse, once, to suit its faces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    denoise: float = Field(
        default=0.0,
        ge=0.0,
        le=500.0,
        description="Take noise off the frame below the faces: 100 for noise of two 8-bit levels.",
    )
    bicubic_degrade: float = Field(
        default=0.0,
        ge=0.0,
        le=100.0,
        description="Soften the frame below the faces: percent by which it is made smaller, then as large as before.",
    )
    color_degrade: float = Field(
        default=0.0, ge=0.0, le=100.0, description="Percent of strong JPEG compression over the frame and its faces."
    )
