"""One picture of a source, with when it is shown and how its numbers become colours."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.media.linear import from_linear


@dataclass(frozen=True)
class ColorTags:
    """How numbers become colours: code points of ITU-T H.273, as FFmpeg numbers them (2: unspecified)."""

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full_range: bool | None = None  # None: the file does not say


@dataclass(frozen=True, eq=False)
class Frame:
    """One decoded picture.

    Attributes:
        pixels: (H, W, 3) RGB in display orientation; uint8, uint16 (full 0..65535 scale, whatever the file's depth)
            or float32 (EXR, scene-linear, unclipped).
        index: position in the whole source from 0, counted over all of its clips.
        time: presentation time in seconds from the start of the source.
        duration: seconds shown; None where the source does not say.
        color: colour tags of the source.
        alpha: (H, W) in the dtype of `pixels`, or None.
        native: the decoder's own picture (`av.VideoFrame`), kept so that pixels nobody changed can leave exactly as
            they came in; None for image files and for rotated video.
        name: an image file's name without folder and suffix, so that a sequence keeps its numbering; empty for video.
    """

    pixels: NDArray[Any]
    index: int
    time: Fraction
    duration: Fraction | None = None
    color: ColorTags = ColorTags()
    alpha: NDArray[Any] | None = None
    native: Any = None
    name: str = ""

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def stem(self) -> str:
        """What its picture is called in a folder: as in the source, else its number counted from 1, as in `00001`."""
        return self.name or f"{self.index + 1:05d}"

    def unit(self) -> NDArray[np.float32]:
        """The pixels as float32 with the file's white at 1, (H, W, 3)."""
        if self.pixels.dtype == np.float32:
            return self.pixels
        return self.pixels.astype(np.float32) / np.float32(np.iinfo(self.pixels.dtype).max)

    def eight_bit(self) -> NDArray[np.uint8]:
        """The pixels as uint8 for detectors, (H, W, 3): see `eight_bit`."""
        return eight_bit(self.pixels)


def eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Pixels as uint8, rounded; any shape. Floating-point ones are sRGB-encoded and clipped at white."""
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    if pixels.dtype == np.uint16:
        return np.asarray((pixels.astype(np.uint32) * np.uint32(255) + np.uint32(32767)) // 65535, np.uint8)
    return np.asarray(from_linear(pixels) * 255.0 + 0.5, np.uint8)
