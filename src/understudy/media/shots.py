"""Where a clip cuts from one shot to the next."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect import AdaptiveDetector, FrameTimecode

from understudy.media.glimpse import fitted
from understudy.media.source import FrameSource
from understudy.media.video import VideoSource
from understudy.project.progress import Progress, Silent

_SIDE = 256  # pixels of the longer side at which shots are told apart


@dataclass(frozen=True)
class Shot:
    """Frames `first` up to but not including `stop`, shown from `start` to `end` (seconds of the source)."""

    first: int
    stop: int
    start: Fraction
    end: Fraction


class ShotFinder:
    """Tells frame by frame where a clip cuts, by PySceneDetect's adaptive detector.

    It looks for changes of hue, saturation and brightness that stand out from those around them, so that a fast pan is
    no cut. A cut is told up to `LAG` frames after it.

    Args:
        rate: frames per second.
        threshold: how many times a change must exceed the average of its neighbours.
        shortest: seconds; a shot that would be shorter is left with its neighbour.
    """

    LAG = 2

    def __init__(self, rate: float, *, threshold: float = 3.0, shortest: float = 0.5) -> None:
        self._rate = rate
        self._seen = 0
        shortest_frames = max(1, round(shortest * rate))
        self._detector = AdaptiveDetector(
            adaptive_threshold=threshold, min_scene_len=shortest_frames, window_width=self.LAG
        )

    def add(self, pixels: NDArray[np.uint8]) -> list[int]:
        """Take the next frame, (H, W, 3) RGB; returns the numbers of frames found to be the first of their shot."""
        height, width = pixels.shape[:2]
        small = cv2.resize(pixels, fitted(width, height, _SIDE), interpolation=cv2.INTER_AREA)
        found = self._detector.process_frame(
            FrameTimecode(self._seen, self._rate), np.ascontiguousarray(small[..., ::-1])
        )
        self._seen += 1
        return [cut.frame_num for cut in found]


def find_shots(
    source: FrameSource, *, threshold: float = 3.0, shortest: float = 0.5, progress: Progress | None = None
) -> list[Shot]:
    """Divide a source at its hard cuts; see `ShotFinder`.

    Raises:
        UnderstudyError: a frame cannot be read.
    """
    progress = progress or Silent()
    finder = ShotFinder(float(source.info.rate), threshold=threshold, shortest=shortest)
    progress.begin("looking for cuts", source.info.frame_count)
    cuts: list[int] = []
    starts: list[Fraction] = []
    end = Fraction(0)
    for frame in source.glimpses(_SIDE) if isinstance(source, VideoSource) else source.frames():
        cuts += finder.add(frame.eight_bit())
        starts.append(frame.time)
        end = frame.time + (frame.duration or 1 / source.info.rate)
        progress.advance()
    bounds = sorted({0, *(cut for cut in cuts if 0 < cut < len(starts)), len(starts)})
    times = [*starts, end]
    return [Shot(first, stop, times[first], times[stop]) for first, stop in pairwise(bounds)]
