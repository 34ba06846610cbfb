"""All that a user chooses for a merge: one model from which the flags, the saved settings and their checks derive."""

from typing import Literal, Self

from pydantic import Field, model_validator

from understudy.merging.settings.color import ColorSettings
from understudy.merging.settings.finish import FinishSettings
from understudy.merging.settings.mask import MaskSettings
from understudy.merging.settings.output import OutputSettings
from understudy.merging.settings.placement import PlacementSettings
from understudy.merging.settings.plate import PlateSettings
from understudy.merging.settings.steadying import SteadyingSettings

MergeMode = Literal["original", "overlay", "hist-match", "seamless", "seamless-hist-match", "raw-rgb", "raw-predict"]
"""original: the frame as it is, with the mask that overlay has; overlay: the face with its mask; hist-match: tones
matched to the face that was there; seamless: the face's tint follows its surroundings at the edge; raw-rgb: the whole
square, untouched; raw-predict: the largest face's prediction alone, fitted into a black frame."""


class MergeSettings(
    OutputSettings, SteadyingSettings, PlateSettings, FinishSettings, PlacementSettings, ColorSettings, MaskSettings
):
    """How swapped faces are put back into their frames.

    Lengths are percent of the face's width (outer end of one brow to outer end of the other), so that the same numbers
    look the same on a close-up and in the distance, at every model resolution.
    """

    mode: MergeMode = Field(default="overlay", description="How the face is laid over the frame.")
    morph_factor: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="How much of src's likeness an amp network gives the face; others give all of it.",
    )
    compat: Literal["none", "dfl"] = Field(
        default="none",
        description="dfl: the other settings mean what they mean in DeepFaceLab, to the number, where the two differ.",
    )
    batch_size: int = Field(default=8, ge=1, le=256, description="Faces that the network swaps at once.")
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
