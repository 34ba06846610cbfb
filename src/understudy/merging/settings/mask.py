"""What a user chooses of the mask."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from understudy.masks import MASK_MODES, Feather, parse_mask
from understudy.project.errors import UnderstudyError


def _understood(formula: str) -> str:
    """The formula itself.

    Raises:
        ValueError: it is none; pydantic makes one line of it.
    """
    try:
        parse_mask(formula)
    except UnderstudyError as error:
        raise ValueError(str(error)) from None
    return formula


def _understood_or_none(formula: str) -> str:
    return _understood(formula) if formula.strip() else ""


MaskFormula = Annotated[str, AfterValidator(_understood)]


def _side(what: str, most: float, side: str) -> float:
    description = f"Added to {what} on {side} side of the aligned face, in percent of face width."
    field: float = Field(default=0.0, ge=-most, le=most, description=description)
    return field


class MaskSettings(BaseModel):
    """Which mask limits the face, and the shape of its edge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask: MaskFormula = Field(
        default="learned-prd*learned-dst",
        description=f"Which mask limits the face: {', '.join(MASK_MODES)}; or a formula of these names and hull, with "
        "numbers, +, -, *, min() and max().",
    )
    mask_a: float = Field(default=1.0, ge=0.0, le=4.0, description="The number that a mask's formula calls a.")
    mask_b: float = Field(default=1.0, ge=0.0, le=4.0, description="The number that a mask's formula calls b.")
    erode: float = Field(
        default=4.0,
        ge=-400.0,
        le=400.0,
        description="Percent of face width, to 50, by which the mask shrinks; negative: grows. With compat dfl, that "
        "program's modifier.",
    )
    blur: float = Field(
        default=12.0,
        ge=0.0,
        le=400.0,
        description="Width of the mask's soft edge, in percent of face width, to 100. With compat dfl, that program's "
        "modifier.",
    )
    erode_forehead: float = _side("erode", 50.0, "the upper")
    erode_jaw: float = _side("erode", 50.0, "the lower")
    erode_left: float = _side("erode", 50.0, "the picture's left")
    erode_right: float = _side("erode", 50.0, "the picture's right")
    blur_forehead: float = _side("blur", 100.0, "the upper")
    blur_jaw: float = _side("blur", 100.0, "the lower")
    blur_left: float = _side("blur", 100.0, "the picture's left")
    blur_right: float = _side("blur", 100.0, "the picture's right")
    feather: Feather = Field(
        default="gaussian",
        description="The soft edge: gaussian blurs the mask; distance keeps one width around corners and in narrow "
        "parts.",
    )
    feather_side: Literal["both", "inside", "outside"] = Field(
        default="both", description="On which side of the mask's edge its soft edge lies."
    )
    occluder: Annotated[str, AfterValidator(_understood_or_none)] = Field(
        default="",
        description="What is taken away from the face after its edge was shaped, such as 'hull - XSeg-dst': a hand "
        "before the face.",
    )
    occluder_erode: float = Field(
        default=0.0, ge=-50.0, le=50.0, description="Percent of face width by which the occluder shrinks."
    )
    occluder_blur: float = Field(
        default=2.0, ge=0.0, le=100.0, description="Width of the occluder's soft edge, in percent of face width."
    )
    seam: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="How far the edge moves, within its blur, to where the face and the frame agree.",
    )
