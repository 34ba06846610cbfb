"""What a user chooses of where the face lies."""

from pydantic import BaseModel, ConfigDict, Field


class PlacementSettings(BaseModel):
    """How the face is placed over the one that was there; directions are those of the aligned, upright face."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    face_scale: float = Field(
        default=0.0, ge=-50.0, le=50.0, description="Percent by which the face is enlarged; negative: made smaller."
    )
    offset_x: float = Field(
        default=0.0, ge=-100.0, le=100.0, description="Percent of face width by which the face moves to the right."
    )
    offset_y: float = Field(
        default=0.0, ge=-100.0, le=100.0, description="Percent of face width by which the face moves down."
    )
    rotation: float = Field(
        default=0.0, ge=-180.0, le=180.0, description="Degrees by which the face is turned clockwise."
    )
