"""What a screen is told about the brightness of HDR pictures: SMPTE ST 2086 and CTA-861.3."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from av.sidedata.sidedata import Type

_CHROMATICITY = 50_000  # units in 1, as in the SEI messages of H.265
_LUMINANCE = 10_000  # units in a candela per square metre
_DYNAMIC = {
    Type.DOVI_METADATA: "Dolby Vision",
    Type.DOVI_RPU_BUFFER: "Dolby Vision",
    Type.DYNAMIC_HDR_PLUS: "HDR10+",
    Type.DYNAMIC_HDR_VIVID: "HDR Vivid",
}

Point = tuple[int, int]


@dataclass(frozen=True)
class MasteringDisplay:
    """The screen that the film was graded on (SMPTE ST 2086).

    Attributes:
        red, green, blue, white: CIE 1931 x and y, in units of 0.00002.
        darkest, brightest: its luminance, in units of 0.0001 cd/m2.
    """

    red: Point
    green: Point
    blue: Point
    white: Point
    darkest: int
    brightest: int

    @property
    def points(self) -> tuple[float, ...]:
        """x and y of red, green, blue and white, from 0 to 1."""
        return tuple(value / _CHROMATICITY for point in self._points for value in point)

    @property
    def nits(self) -> tuple[float, float]:
        """The darkest and the brightest, in cd/m2."""
        return self.darkest / _LUMINANCE, self.brightest / _LUMINANCE

    @property
    def in_units(self) -> str:
        """As x264 and x265 take it."""
        red, green, blue, white = (f"({x},{y})" for x, y in self._points)
        return f"G{green}B{blue}R{red}WP{white}L({self.brightest},{self.darkest})"

    @property
    def in_numbers(self) -> str:
        """As SVT-AV1 takes it."""
        red, green, blue, white = (f"({x / _CHROMATICITY:.5f},{y / _CHROMATICITY:.5f})" for x, y in self._points)
        return f"G{green}B{blue}R{red}WP{white}L({self.nits[1]:.4f},{self.nits[0]:.4f})"

    @property
    def _points(self) -> tuple[Point, Point, Point, Point]:
        return self.red, self.green, self.blue, self.white


@dataclass(frozen=True)
class HdrMetadata:
    """What a source says of its brightness.

    Attributes:
        display: the screen that it was graded on.
        light: the brightest pixel (MaxCLL) and the brightest frame on average (MaxFALL), cd/m2.
        dynamic: names of metadata from scene to scene, which no result has: they tell of the pictures before the swap.
    """

    display: MasteringDisplay | None = None
    light: tuple[int, int] | None = None
    dynamic: tuple[str, ...] = ()

    @property
    def is_static(self) -> bool:
        """Whether there is anything that a result takes over."""
        return self.display is not None or self.light is not None


def hdr_metadata(side_data: Mapping[Any, Any]) -> HdrMetadata | None:
    """What the side data of a decoded picture say; None where they say nothing of it."""
    kinds = {entry.type: bytes(entry) for entry in side_data}
    dynamic = sorted({name for kind, name in _DYNAMIC.items() if kind in kinds})
    display = _display(kinds.get(Type.MASTERING_DISPLAY_METADATA))
    found = HdrMetadata(display, _light(kinds.get(Type.CONTENT_LIGHT_LEVEL)), tuple(dynamic))
    return found if found.is_static or dynamic else None


def _display(data: bytes | None) -> MasteringDisplay | None:
    """`AVMasteringDisplayMetadata`: x and y of red, green, blue, white, darkest, brightest, as fractions; two flags."""
    if data is None or len(data) < struct.calcsize("22i"):
        return None
    *numbers, has_points, has_luminance = struct.unpack_from("22i", data)
    tops, bottoms = numbers[0::2], numbers[1::2]
    if not (has_points and has_luminance and all(bottoms)):
        return None
    values = [
        round(top * (_CHROMATICITY if index < 8 else _LUMINANCE) / bottom)
        for index, (top, bottom) in enumerate(zip(tops, bottoms, strict=True))
    ]
    if not (all(0 <= value <= _CHROMATICITY for value in values[:8]) and 0 <= values[8] <= values[9] < 1 << 32):
        return None  # no such screen, and encoders refuse it
    red, green, blue, white = zip(values[0:8:2], values[1:8:2], strict=True)
    return MasteringDisplay(red, green, blue, white, *values[8:])


def _light(data: bytes | None) -> tuple[int, int] | None:
    """`AVContentLightMetadata`: MaxCLL and MaxFALL, both 0 where they are unknown, in 16 bits each."""
    if data is None or len(data) < struct.calcsize("2I"):
        return None
    brightest, average = struct.unpack_from("2I", data)
    return (brightest, average) if 0 < max(brightest, average) < 1 << 16 else None
