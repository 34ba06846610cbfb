"""The visible label: a few words in a corner of every frame, readable on whatever lies behind them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel, ConfigDict, Field

from understudy.media.frame import ColorTags
from understudy.project.errors import UnderstudyError

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]

_SHADE = 0.3  # what the plate leaves of the picture: white text on white footage keeps a contrast of 8 to 1
_LINEAR_SHADE = _SHADE**2.2  # the same plate in scene-linear light
_GRAPHICS_WHITE = {16: 0.58, 18: 0.75}  # code values of white text in PQ and HLG, ITU-R BT.2408
_SMALLEST = 6  # pixels; below it letters are no longer letters
_LEGIBLE = 12  # pixels; no smaller than that where there is room
_STROKE = 1 / 60  # of the text's height; strokes a little bolder than the font's survive compression
_SUPERSAMPLING = 4  # for the rounded corners of the plate


class LabelSettings(BaseModel):
    """The words that tell viewers. The signed credentials are there with the label and without it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(
        default=True, description="Show the label; switch it off only for a production that discloses elsewhere."
    )
    text: str = Field(default="Face replaced with AI", min_length=1, max_length=80, description="Words of the label.")
    corner: Corner = Field(default="bottom-left", description="Corner of the picture that the label sits in.")
    size: float = Field(default=3.0, ge=1.5, le=15.0, description="Height of the text in percent of the picture's.")
    font: Path | None = Field(
        default=None, description="TrueType or OpenType font, for scripts that the built-in one does not have."
    )


@dataclass(frozen=True, eq=False)
class _Stamp:
    """A label drawn for one size of picture.

    Attributes:
        rows, columns: where it goes in the picture.
        plate, text: (h, w, 1) float32 coverage, 0..1.
    """

    rows: slice
    columns: slice
    plate: NDArray[np.float32]
    text: NDArray[np.float32]


def draw_label(
    pixels: NDArray[Any], settings: LabelSettings, *, color: ColorTags | None = None
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Put the label on one frame.

    Args:
        pixels: (H, W, 3) RGB as in `Frame.pixels`: uint8, uint16, or float32 scene-linear; left as it is.
        settings: words, corner and size.
        color: the frame's colour tags, so that white text on HDR footage is no brighter than its graphics white.

    Returns:
        The labelled pixels and a mask (H, W) of those that may have changed. Where the label is off, or the picture
        is too small for letters, the pixels themselves and an empty mask.

    Raises:
        UnderstudyError: the font cannot be read, or lacks a letter of the text.
    """
    height, width = pixels.shape[:2]
    changed = np.zeros((height, width), np.bool_)
    stamp = _stamp(settings, height, width) if settings.enabled else None
    if stamp is None:
        return pixels, changed
    labelled = pixels.copy()
    region = labelled[stamp.rows, stamp.columns]  # (h, w, 3)
    region[...] = _composite(region, stamp, color or ColorTags())
    changed[stamp.rows, stamp.columns] = stamp.plate[..., 0] > 0
    return labelled, changed


def _composite(region: NDArray[Any], stamp: _Stamp, color: ColorTags) -> NDArray[Any]:
    """White text on a plate that darkens what lies behind it, (h, w, 3) in the dtype of `region`."""
    if region.dtype == np.float32:
        scale, white, shade = np.float32(1.0), np.float32(1.0), np.float32(_LINEAR_SHADE)
    else:
        scale = np.float32(np.iinfo(region.dtype).max)
        white, shade = np.float32(_GRAPHICS_WHITE.get(color.transfer, 1.0)), np.float32(_SHADE)
    # Highlights above white would shine through, so the plate lies on a picture without them (or NaN).
    picture = np.clip(np.nan_to_num(region.astype(np.float32) / scale, nan=0.0), 0.0, white)
    plate = picture * (1 + stamp.plate * (shade - 1))
    label = (plate + stamp.text * (white - plate)) * scale
    if region.dtype != np.float32:
        label = label + np.float32(0.5)
    return np.where(stamp.plate > 0, label.astype(region.dtype), region)


@lru_cache(maxsize=8)
def _stamp(settings: LabelSettings, height: int, width: int) -> _Stamp | None:
    """Draw the label for pictures of one size; None where it would not be readable."""
    size = max(_LEGIBLE, round(height * settings.size / 100))
    while size >= _SMALLEST:
        font = _font(settings, size)
        left, _, right, _ = font.getbbox(settings.text, stroke_width=size * _STROKE)
        ascent, descent = font.getmetrics()
        pad_x, pad_y, margin = round(0.5 * size), round(0.25 * size), round(0.6 * size)
        w, h = round(right - left) + 2 * pad_x, ascent + descent + 2 * pad_y
        if w + 2 * margin <= width and h + 2 * margin <= height:
            break
        size -= max(1, size // 20)
    else:
        return None
    text = Image.new("L", (w, h))
    ImageDraw.Draw(text).text((pad_x - left, pad_y), settings.text, fill=255, font=font, stroke_width=size * _STROKE)
    plate = Image.new("L", (w * _SUPERSAMPLING, h * _SUPERSAMPLING))
    corner_radius = _SUPERSAMPLING * h // 5
    ImageDraw.Draw(plate).rounded_rectangle(((0, 0), (plate.width - 1, plate.height - 1)), corner_radius, fill=255)
    plate = plate.resize((w, h), Image.Resampling.BOX)
    y = margin if settings.corner.startswith("top") else height - margin - h
    x = margin if settings.corner.endswith("left") else width - margin - w
    return _Stamp(slice(y, y + h), slice(x, x + w), _coverage(plate), _coverage(text))


def _coverage(image: Image.Image) -> NDArray[np.float32]:
    return (np.asarray(image, np.float32) / np.float32(255))[..., None]  # (h, w, 1)


def _font(settings: LabelSettings, size: int) -> ImageFont.FreeTypeFont:
    try:
        font = ImageFont.load_default(size) if settings.font is None else ImageFont.truetype(settings.font, size)
    except OSError as error:
        raise UnderstudyError(f"cannot read the label's font {settings.font}: {error}") from error
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise UnderstudyError("this Pillow was built without FreeType; install Pillow from its wheel to draw the label")
    unknown = bytes(font.getmask("\U0010fffe"))
    for letter in settings.text:
        if not letter.isspace() and bytes(font.getmask(letter)) == unknown:
            raise UnderstudyError(
                f"the label's font has no '{letter}'; set the label's font to a file that has the letters of its text"
            )
    return font
