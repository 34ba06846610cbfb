"""A source whose frames are cleaned of noise, the same wherever reading begins."""

from collections.abc import Iterator
from dataclasses import replace

from understudy.media.denoise import Denoiser
from understudy.media.frame import Frame
from understudy.media.info import SourceInfo
from understudy.media.source import FrameSource

_BLOCK = 64  # frames after which a denoiser's memory ends
_LEAD = 8  # frames before a block in which the next denoiser gathers its own


class DenoisedSource:
    """Frames of another source without noise.

    A denoiser remembers all that it has seen, so that a frame would depend on where reading began. Here its memory
    begins anew every 64 frames, after a lead of 8 in which the former one still serves.
    """

    def __init__(self, source: FrameSource, factor: float) -> None:
        """Args: factor: 1 to 20, as `Denoiser` has it."""
        self._source = source
        self._factor = factor

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    @property
    def warnings(self) -> list[str]:
        return self._source.warnings

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), in the order shown."""
        first = max(0, start // _BLOCK * _BLOCK - _LEAD)
        current, coming = Denoiser(self._factor), Denoiser(self._factor)
        for frame in self._source.frames(first, stop):
            place = frame.index % _BLOCK
            if place == 0 and frame.index > first:
                current, coming = coming, Denoiser(self._factor)
            pixels = current(frame)
            if place >= _BLOCK - _LEAD:
                coming(frame)
            if frame.index >= start:
                yield replace(frame, pixels=pixels, native=None)
