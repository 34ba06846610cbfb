"""What a user chooses for an avatar: of a merge's settings those that mean something for a face without its frame."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from understudy.merging.settings.color import ColorTransfer
from understudy.merging.settings.mask import MaskFormula
from understudy.merging.settings.merge_settings import MergeSettings
from understudy.merging.sharpen import SharpenMode

KEPT = ("morph_factor", "smooth", "steady_mask", "steady_color", "longest_gap", "batch_size", "precision")
"""What a project says of its merges that holds for its avatars, too."""


def _as_in_merge(name: str, **changes: Any) -> Any:
    return FieldInfo.merge_field_infos(MergeSettings.model_fields[name], **changes)


class AvatarSettings(BaseModel):
    """How the face alone is shown. By default as the network makes it: nothing is taken from the footage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    morph_factor: float = _as_in_merge("morph_factor")
    mask: MaskFormula = _as_in_merge(
        "mask",
        default="full",
        description="How much of the picture is the swapped face, by the same names and formulas as in a merge; around "
        "it the aligned face is seen. full: all of it.",
    )
    erode: float = _as_in_merge("erode", description="Percent of face width by which a mask other than full shrinks.")
    blur: float = _as_in_merge("blur", description="Width of the soft edge of a mask other than full, in percent.")
    color_transfer: ColorTransfer = _as_in_merge("color_transfer", default="none")
    light: float = _as_in_merge("light")
    sharpen_mode: SharpenMode = _as_in_merge("sharpen_mode")
    sharpen: float = _as_in_merge("sharpen")
    smooth: float = _as_in_merge("smooth")
    steady_mask: float = _as_in_merge("steady_mask")
    steady_color: float = _as_in_merge("steady_color")
    longest_gap: float = _as_in_merge("longest_gap")
    batch_size: int = _as_in_merge("batch_size")
    precision: Literal["auto", "bf16", "fp32"] = _as_in_merge("precision")

    @property
    def is_bare(self) -> bool:
        """Whether the network's pictures are shown as they are."""
        return (self.mask, self.color_transfer, self.light, self.sharpen) == ("full", "none", 0, 0)

    def of_merge(self) -> MergeSettings:
        """The same as a merge has it, with the defaults for the rest."""
        edge = {"erode": 0.0, "blur": 0.0} if self.mask == "full" else {}
        return MergeSettings(**(self.model_dump() | edge))
