"""A video that shows each frame of the footage beside what the merge made of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.media import Frame, FrameSource
from understudy.merging.render import RenderedFrame
from understudy.provenance import MarkedWriter


class SideBySide:
    """The footage at twice its width, so that a writer takes over its rate, timing, colour and sound."""

    def __init__(self, footage: FrameSource) -> None:
        self._footage = footage
        self.info = replace(footage.info, width=2 * footage.info.width, has_alpha=False)

    @property
    def warnings(self) -> list[str]:
        return self._footage.warnings

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Each frame beside itself."""
        return (_paired(frame, frame.pixels) for frame in self._footage.frames(start, stop))


def write_pair(writer: MarkedWriter, rendered: RenderedFrame) -> None:
    """Add a frame of the footage, on the left, and the result, on the right; the writer is like a `SideBySide`."""
    pair = _paired(rendered.frame, rendered.composite.pixels)
    writer.write(pair, pair.pixels)


def _paired(frame: Frame, right: NDArray[Any]) -> Frame:
    return replace(frame, pixels=np.hstack([frame.pixels, right]), alpha=None, native=None)
