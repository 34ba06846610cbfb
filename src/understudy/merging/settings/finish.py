"""What a user chooses of the last touches."""

from pydantic import BaseModel, ConfigDict, Field

from understudy.merging.sharpen import SharpenMode


class FinishSettings(BaseModel):
    """How the face takes on the sharpness, the motion and the grain of its frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    motion_blur: float = Field(
        default=0.0,
        ge=0.0,
        le=200.0,
        description="Blur by the face's own motion: percent of the time between frames that the shutter is open; 50 is "
        "a shutter of 180 degrees.",
    )
    sharpen_mode: SharpenMode = Field(
        default="gaussian", description="The mean of its surroundings by which a pixel's detail is told."
    )
    sharpen: float = Field(
        default=0.0,
        ge=-100.0,
        le=100.0,
        description="Detail added: 100 trebles the finest; negative: blur, at -100 with a sigma of two percent of the "
        "face's width.",
    )
    super_resolution: float = Field(
        default=0.0,
        ge=0.0,
        le=100.0,
        description="Percent of the detail that the network real-esrgan gives faces larger than the model makes them.",
    )
    match_sharpness: float = Field(
        default=0.0,
        ge=0.0,
        le=100.0,
        description="Percent of the way to the sharpness that the face had in the frame.",
    )
    match_grain: float = Field(
        default=0.0,
        ge=0.0,
        le=200.0,
        description="Grain or noise as strong and as coarse as the frame's, which the swapped face lacks, in percent.",
    )
    linear_light: bool = Field(
        default=False,
        description="Mix the face's edge, its pixels and its motion in linear light instead of display values, and fit "
        "lct and mkl to it.",
    )
