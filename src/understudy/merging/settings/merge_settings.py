"""All that a user chooses for a merge: one model from which the flags, the saved settings and their checks derive."""

from typing import Literal, Self

from pydantic import Field, model_validator

from understudy.merging.settings.color import ColorSettings
from understudy.merging.settings.finish import FinishSettings
from understudy.merging.settings.mask import MaskSettings
from understudy.merging.settings.mode import ModeSettings
from understudy.merging.settings.output import OutputSettings
from understudy.merging.settings.placement import PlacementSettings
from understudy.merging.settings.plate import PlateSettings
from understudy.merging.settings.steadying import SteadyingSettings


class MergeSettings(
    OutputSettings,
    SteadyingSettings,
    PlateSettings,
    FinishSettings,
    PlacementSettings,
    ColorSettings,
    MaskSettings,
    ModeSettings,
):  # flags and tables list the last one's fields first
    """How swapped faces are put back into their frames.

    Lengths are percent of the face's width (outer end of one brow to outer end of the other), so that the same numbers
    look the same on a close-up and in the distance, at every model resolution.
    """

    batch_size: int = Field(default=16, ge=1, le=256, description="Faces that the network swaps at once.")
    precision: Literal["auto", "bf16", "fp32"] = Field(
        default="auto",
        description="Number format of the network's arithmetic; auto: bf16 where the processor is fast in it. The "
        "difference is less than a level of 255.",
    )

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if self.compat != "dfl" and not (-50 <= self.erode <= 50 and self.blur <= 100):
            raise ValueError("erode goes from -50 to 50 and blur to 100; to 400 with compat dfl alone")
        return self
