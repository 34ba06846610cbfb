"""What a user chooses of steadiness over time."""

from pydantic import BaseModel, ConfigDict, Field


class SteadyingSettings(BaseModel):
    """What is smoothed over time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smooth: float = Field(
        default=0.1, ge=0.0, le=2.0, description="Seconds over which landmarks are smoothed, without lag; 0: off."
    )
