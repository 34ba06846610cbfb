"""Which frames of a clip the guard looks at."""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media import Frame, FrameSource
from understudy.media.glimpse import fitted
from understudy.media.shots import ShotFinder
from understudy.media.video import VideoSource
from understudy.provenance.guard.network import SIDE

_INTERVAL = Fraction(19, 20)  # seconds: at any usual rate one falls into every second
_SHORTEST_SHOT = 0.1  # seconds
_UNLIKE = 24.0  # mean difference of two thumbnails, of 255
_THUMBNAIL = (16, 16)


def samples(source: FrameSource) -> Iterator[tuple[Frame, bool]]:
    """Every frame of a clip, small (at most 320 pixels a side) and 8 bit, and whether it is one to check.

    To check: the first frame, one a second from there, the last before and the first after every cut, and every frame
    that looks unlike the one checked before it: so that neither a single inserted picture nor one in a folder of
    photographs, which no cuts divide, goes unseen. The clip is decoded once, and only small pictures are made of it.

    Raises:
        UnderstudyError: a frame cannot be read.
    """
    last: Frame | None = None
    for frame, beside_cut in _with_cuts(source):
        checked = (
            last is None or beside_cut or frame.time >= last.time + _INTERVAL or _unlike(frame.pixels, last.pixels)
        )
        last = frame if checked else last
        yield frame, checked


def _with_cuts(source: FrameSource) -> Iterator[tuple[Frame, bool]]:
    """Small frames, and whether a cut lies before or after them; held back until that is known."""
    finder = ShotFinder(float(source.info.rate), shortest=_SHORTEST_SHOT)
    held: deque[tuple[int, Frame]] = deque()
    beside: set[int] = set()
    for number, frame in enumerate(_glimpses(source)):
        for cut in finder.add(frame.pixels):
            beside |= {cut - 1, cut}
        held.append((number, frame))
        if len(held) > ShotFinder.LAG + 1:
            known, early = held.popleft()
            yield early, known in beside
    for known, late in held:
        yield late, known in beside


def _unlike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    first, second = (cv2.resize(picture, _THUMBNAIL, interpolation=cv2.INTER_AREA) for picture in (one, other))
    return float(cv2.norm(first, second, cv2.NORM_L1)) / first.size > _UNLIKE


def _glimpses(source: FrameSource) -> Iterator[Frame]:
    return source.glimpses(SIDE) if isinstance(source, VideoSource) else map(_shrunk, source.frames())


def _shrunk(frame: Frame) -> Frame:
    size = fitted(frame.width, frame.height, SIDE)
    small = cv2.resize(frame.eight_bit(), size, interpolation=cv2.INTER_AREA)
    return Frame(np.asarray(small, np.uint8), frame.index, frame.time)
