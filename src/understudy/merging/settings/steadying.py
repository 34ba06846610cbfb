"""What a user chooses of steadiness over time."""

from pydantic import BaseModel, ConfigDict, Field


class SteadyingSettings(BaseModel):
    """What is smoothed over time. A merge has one value of each: they are no matter of single frames."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smooth: float = Field(
        default=1.0,
        ge=0.0,
        le=2.0,
        description="Seconds over which a face that keeps still is steadied, without lag; what moves is steadied over "
        "as much less as its motion asks for. 0: off.",
    )
    steady_mask: float = Field(
        default=0.2,
        ge=0.0,
        le=2.0,
        description="Seconds over which the network's masks are steadied where they hardly change; 0: off.",
    )
    steady_color: float = Field(
        default=0.5,
        ge=0.0,
        le=2.0,
        description="Seconds over which the colours are gathered that the face is fitted to, and with them light, "
        "grain, sharpness and what a seamless edge meets; 0: each frame for itself.",
    )
    longest_gap: float = Field(
        default=0.5,
        ge=0.0,
        le=10.0,
        description="Seconds for which a face that was lost is placed between the last and the next sight of it; 0: "
        "where it was not found, the face that was there is seen.",
    )
