"""What a user chooses about a data set."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Compression = Literal["raw", "c23", "c40"]
"""raw: pictures without loss; c23, c40: H.264 at that constant rate factor, as in FaceForensics++."""


class DatasetSettings(BaseModel):
    """How real and fake pairs are written and divided."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    compression: tuple[Compression, ...] = Field(
        default=("raw",), min_length=1, description="raw: pictures (PNG); c23, c40: videos, H.264 at that rate factor."
    )
    every: int = Field(default=5, ge=1, description="Pictures and masks are written of every so many frames of dst.")
    val: float = Field(default=0.15, ge=0, le=0.5, description="Share of the frames that is to be for validation.")
    test: float = Field(default=0.15, ge=0, le=0.5, description="Share of the frames that is to be for testing.")
    seed: int = Field(default=0, ge=0, description="Decides between divisions that are equally good.")
