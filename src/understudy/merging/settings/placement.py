"""What a user chooses of where the face lies."""

from pydantic import BaseModel, ConfigDict, Field


class PlacementSettings(BaseModel):
    """How the face is placed over the one that was there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    face_scale: float = Field(
        default=0.0, ge=-50.0, le=50.0, description="Percent by which the face is enlarged; negative: made smaller."
    )
