"""The visible label: a few words or letters in every frame, readable on whatever lies behind them."""

import math
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
from understudy.provenance.label_words import WORDS, Language

Place = Literal["top-left", "top-right", "bottom-left", "bottom-right", "lower-third"]

_SHADE = 0.3  # what the plate leaves of the picture: white text on white footage keeps a contrast of 8 to 1
_LINEAR_SHADE = _SHADE**2.2  # the same plate in scene-linear light
_GRAPHICS_WHITE = {16: 0.58, 18: 0.75}  # code values of white text in PQ and HLG, ITU-R BT.2408
_SMALLEST = 6  # pixels; below it letters are no longer letters
_LEGIBLE = 12  # pixels; no smaller than that where there is room
_STROKE = 1 / 60  # of the text's height; strokes a little bolder than the font's survive compression
_LOWER_THIRD = 5 / 6  # of the picture's height: the middle of its lowest third
_SUPERSAMPLING = 4  # for the rounded corners of the plate


class LabelSettings(BaseModel):
    """The words that tell viewers. The signed credentials are there with the label and without it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(
        default=True, description="Show the label; switch it off only for a production that discloses elsewhere."
    )
    style: Literal["text", "icon", "both"] = Field(
        default="text", description="A sentence, the letters that stand for AI in a frame, or both."
    )
    language: Language = Field(default="en", description="Language of the sentence and of the letters.")
    text: str | None = Field(
        default=None, min_length=1, max_length=80, description="A sentence of your own instead of the language's."
    )
    place: Place = Field(
        default="bottom-left", description="Corner of the picture, or the left of the middle of its lowest third."
    )
    size: float = Field(default=3.0, ge=1.5, le=15.0, description="Height of the text in percent of the picture's.")
    safe_area: float = Field(
        default=5.0,
        ge=0.0,
        le=20.0,
        description="Distance from the edges in percent of the picture's sides; 5 is EBU R 95's graphics safe area.",
    )
    seconds: float | None = Field(
        default=None, gt=0.0, description="How long it is shown from the start of a video; unset: all the time."
    )
    fade: float = Field(
        default=0.0, ge=0.0, le=10.0, description="Seconds in which it appears at first and disappears at last."
    )
    font: Path | None = Field(
        default=None, description="TrueType or OpenType font, for scripts that the built-in ones do not have."
    )

    @property
    def sentence(self) -> str:
        """The words, whether they are shown or not."""
        return self.text or WORDS[self.language][0]

    @property
    def letters(self) -> str:
        """What stands for AI."""
        return WORDS[self.language][1]

    @property
    def shown(self) -> str:
        """What a viewer reads."""
        return {"text": self.sentence, "icon": self.letters, "both": f"{self.letters} {self.sentence}"}[self.style]

    def opacity(self, time: float, duration: float | None) -> float:
        """How much of the label is there, 0..1, at a time of a video, in seconds from its start.

        Args:
            duration: of the video, in seconds; None: unknown, and without an end.
        """
        end = min(self.seconds or math.inf, duration or math.inf)
        if time >= end:
            return 0.0
        return min(1.0, time / self.fade, (end - time) / self.fade) if self.fade else 1.0


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
    pixels: NDArray[Any], settings: LabelSettings, *, color: ColorTags | None = None, opacity: float = 1.0
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Put the label on one frame.

    Args:
        pixels: (H, W, 3) RGB as in `Frame.pixels`: uint8, uint16, or float32 scene-linear; left as it is.
        settings: words, place and size.
        color: the frame's colour tags, so that white text on HDR footage is no brighter than its graphics white.
        opacity: 0..1, while it fades.

    Returns:
        The labelled pixels and a mask (H, W) of those that may have changed. Where the label is off, or the picture
        is too small for letters, the pixels themselves and an empty mask.

    Raises:
        UnderstudyError: the font cannot be read, or lacks a letter of the text.
    """
    height, width = pixels.shape[:2]
    changed = np.zeros((height, width), np.bool_)
    stamp = _stamp(settings, height, width) if settings.enabled and opacity > 0 else None
    if stamp is None:
        return pixels, changed
    labelled = pixels.copy()
    region = labelled[stamp.rows, stamp.columns]  # (h, w, 3)
    region[...] = _composite(region, stamp, color or ColorTags(), np.float32(opacity))
    changed[stamp.rows, stamp.columns] = stamp.plate[..., 0] > 0
    return labelled, changed


def _composite(region: NDArray[Any], stamp: _Stamp, color: ColorTags, opacity: np.float32) -> NDArray[Any]:
    """White text on a plate that darkens what lies behind it, (h, w, 3) in the dtype of `region`."""
    if region.dtype == np.float32:
        scale, white, shade = np.float32(1.0), np.float32(1.0), np.float32(_LINEAR_SHADE)
    else:
        scale = np.float32(np.iinfo(region.dtype).max)
        white, shade = np.float32(_GRAPHICS_WHITE.get(color.transfer, 1.0)), np.float32(_SHADE)
    # Highlights above white would shine through, so the plate lies on a picture without them (or NaN).
    before = np.nan_to_num(region.astype(np.float32) / scale, nan=0.0)
    plate = np.clip(before, 0.0, white) * (1 + stamp.plate * (shade - 1))
    label = plate + stamp.text * (white - plate)
    label = (before + opacity * (label - before) if opacity < 1 else label) * scale
    if region.dtype != np.float32:
        label = label + np.float32(0.5)
    return np.where(stamp.plate > 0, label.astype(region.dtype), region)


@lru_cache(maxsize=8)
def _stamp(settings: LabelSettings, height: int, width: int) -> _Stamp | None:
    """Draw the label for pictures of one size; None where it would not be readable."""
    size = max(_LEGIBLE, round(height * settings.size / 100))
    least = settings.safe_area / 100
    while size >= _SMALLEST:
        text = _drawn(settings, size)
        w, h = text.size
        x_margin, y_margin = max(round(0.6 * size), round(least * width)), max(round(0.6 * size), round(least * height))
        if w + 2 * x_margin <= width and h + 2 * y_margin <= height:
            break
        size -= max(1, size // 20)
    else:
        return None
    plate = Image.new("L", (w * _SUPERSAMPLING, h * _SUPERSAMPLING))
    corner_radius = _SUPERSAMPLING * h // 5
    ImageDraw.Draw(plate).rounded_rectangle(((0, 0), (plate.width - 1, plate.height - 1)), corner_radius, fill=255)
    plate = plate.resize((w, h), Image.Resampling.BOX)
    y = y_margin if settings.place.startswith("top") else height - y_margin - h
    if settings.place == "lower-third":
        y = min(y, round(height * _LOWER_THIRD - h / 2))
    x = width - x_margin - w if settings.place.endswith("right") else x_margin
    return _Stamp(slice(y, y + h), slice(x, x + w), _coverage(plate), _coverage(text))


def _drawn(settings: LabelSettings, size: int) -> Image.Image:
    """What is white of a label whose text is `size` pixels high, on a picture as large as its plate."""
    font, stroke = _font(settings, settings.shown, size), size * _STROKE
    ascent, descent = font.getmetrics()
    pad_x, pad_y, h = round(0.5 * size), round(0.25 * size), ascent + descent + 2 * round(0.25 * size)
    icon = round(font.getlength(settings.letters)) + 2 * pad_x if settings.style != "text" else 0
    sentence = settings.sentence if settings.style != "icon" else ""
    left, _, right, _ = font.getbbox(sentence, stroke_width=stroke)
    wide = round(right - left) + 2 * pad_x if sentence else 0
    text = Image.new("L", (icon + wide, h))
    pen = ImageDraw.Draw(text)
    if icon:
        edge, line = max(1, size // 8), max(1, round(size / 12))
        frame = ((edge, edge), (icon - 1 - edge, h - 1 - edge))
        pen.rounded_rectangle(frame, radius=h // 6, outline=255, width=line)
        pen.text((icon / 2, h / 2), settings.letters, fill=255, font=font, stroke_width=stroke, anchor="mm")
    if sentence:
        pen.text((icon + pad_x - left, pad_y), sentence, fill=255, font=font, stroke_width=stroke)
    return text


def _coverage(image: Image.Image) -> NDArray[np.float32]:
    return (np.asarray(image, np.float32) / np.float32(255))[..., None]  # (h, w, 1)


def _font(settings: LabelSettings, text: str, size: int) -> ImageFont.FreeTypeFont:
    """The user's font; else Pillow's own or, where it lacks a letter, DejaVu Sans, which comes with Matplotlib."""
    if settings.font is None:
        plain = _opened(None, size)
        if _lacks(plain, text) is None:
            return plain
    font = _opened(settings.font or _dejavu(), size)
    if (letter := _lacks(font, text)) is not None:
        raise UnderstudyError(
            f"the label's font has no '{letter}'; set the label's font to a file that has the letters of its text"
        )
    return font


def _opened(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    try:
        font = ImageFont.load_default(size) if path is None else ImageFont.truetype(path, size)
    except OSError as error:
        raise UnderstudyError(f"cannot read the label's font {path}: {error}") from error
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise UnderstudyError("this Pillow was built without FreeType; install Pillow from its wheel to draw the label")
    return font


def _lacks(font: ImageFont.FreeTypeFont, text: str) -> str | None:
    """The first letter of the text that the font does not have."""
    unknown = bytes(font.getmask("\U0010fffe"))
    return next((one for one in text if not one.isspace() and bytes(font.getmask(one)) == unknown), None)


def _dejavu() -> Path:
    import matplotlib  # here: it takes a while to load, and Latin letters do without it

    return Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
