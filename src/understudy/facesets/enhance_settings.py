"""What a user chooses of sharper faces."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Method = Literal["auto", "real-esrgan", "deconvolution"]


class EnhanceSettings(BaseModel):
    """How faces are sharpened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = Field(
        default="auto",
        description="real-esrgan: super-resolution by a network, which adds the detail that it expects. deconvolution: "
        "undo the blur alone. auto: the network where it was fetched, else deconvolution.",
    )
    strength: float = Field(default=0.7, ge=0, le=1, description="0 leaves the face as it is, 1 is the full effect.")
    blur: float | None = Field(
        default=None,
        ge=0.3,
        le=8,
        description="Sigma in pixels of the blur that deconvolution undoes. Unset: by how much each face was enlarged.",
    )
    iterations: int = Field(default=12, ge=1, le=60, description="Steps of the deconvolution: more is crisper.")
