"""All that a user chooses for a merge: one model from which the flags, the saved settings and their checks derive."""

from typing import Literal

from pydantic import Field

from understudy.merging.settings.color import ColorSettings
from understudy.merging.settings.mask import MaskSettings
from understudy.merging.settings.output import OutputSettings
from understudy.merging.settings.placement import PlacementSettings
from understudy.merging.settings.steadying import SteadyingSettings

MergeMode = Literal["overlay", "seamless", "hist-match", "seamless-hist-match", "raw-rgb", "raw-predict"]
"""overlay: the face with its mask; seamless: the face's tint follows its surroundings at the edge; hist-match: tones
matched to the face that was there; raw-rgb: the whole square, untouched; raw-predict: the largest face's prediction
alone, fitted into a black frame."""


class MergeSettings(OutputSettings, SteadyingSettings, PlacementSettings, ColorSettings, MaskSettings):
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
    batch_size: int = Field(default=8, ge=1, le=256, description="Faces that the network swaps at once.")
