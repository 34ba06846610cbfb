"""Frames at half their size: enough for a quick look, and a quarter of the encoder's work."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media import Frame, FrameSource
from understudy.merging.render import RenderedFrame
from understudy.provenance import MarkedWriter


class HalfSize:
    """The footage at half its width and height, for a writer to take over its rate, timing, colour and sound."""

    def __init__(self, footage: FrameSource) -> None:
        self._footage = footage
        info = footage.info
        self.info = replace(info, width=_half(info.width), height=_half(info.height), has_alpha=False)

    @property
    def warnings(self) -> list[str]:
        return self._footage.warnings

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """The frames, smaller."""
        return (_smaller(frame, frame.pixels) for frame in self._footage.frames(start, stop))


def write_half(writer: MarkedWriter, rendered: RenderedFrame) -> None:
    """Add a frame of the result at half its size; the writer is like a `HalfSize`."""
    small = _smaller(rendered.frame, rendered.composite.pixels)
    writer.write(small, small.pixels)


def _smaller(frame: Frame, pixels: NDArray[Any]) -> Frame:
    size = (_half(frame.width), _half(frame.height))
    small = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return replace(frame, pixels=small, alpha=None, native=None)


def _half(side: int) -> int:
    """Half a side, even, as most encoders want it."""
    return max(2, side // 4 * 2)
