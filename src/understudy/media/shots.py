"""Where a clip cuts from one shot to the next."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from scenedetect import AdaptiveDetector, FrameTimecode

from understudy.media.source import FrameSource
from understudy.project.progress import Progress, Silent

_SIDE = 256  # pixels of the longer side at which shots are told apart


@dataclass(frozen=True)
class Shot:
    """Frames `first` up to but not including `stop`, shown from `start` to `end` (seconds of the source)."""

    first: int
    stop: int
    start: Fraction
    end: Fraction


def find_shots(
    source: FrameSource, *, threshold: float = 3.0, shortest: float = 0.5, progress: Progress | None = None
) -> list[Shot]:
    """Divide a source at its hard cuts, by PySceneDetect's adaptive detector.

    It looks for changes of hue, saturation and brightness that stand out from those around them, so that a fast pan is
    no cut.

    Args:
        threshold: how many times a change must exceed the average of its neighbours.
        shortest: seconds; a shot that would be shorter is left with its neighbour.

    Raises:
        UnderstudyError: a frame cannot be read.
    """
    progress = progress or Silent()
    rate = float(source.info.rate)
    detector = AdaptiveDetector(adaptive_threshold=threshold, min_scene_len=max(1, round(shortest * rate)))
    progress.begin("looking for cuts", source.info.frame_count)
    cuts: list[int] = []
    starts: list[Fraction] = []
    end = Fraction(0)
    for number, frame in enumerate(source.frames()):
        scale = min(1.0, _SIDE / max(frame.width, frame.height))
        size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
        small = cv2.resize(frame.eight_bit(), size, interpolation=cv2.INTER_AREA)
        found = detector.process_frame(FrameTimecode(number, rate), np.ascontiguousarray(small[..., ::-1]))
        cuts += [cut.frame_num for cut in found]
        starts.append(frame.time)
        end = frame.time + (frame.duration or 1 / source.info.rate)
        progress.advance()
    if starts:
        cuts += [cut.frame_num for cut in detector.post_process(FrameTimecode(len(starts) - 1, rate))]
    bounds = sorted({0, *(cut for cut in cuts if 0 < cut < len(starts)), len(starts)})
    times = [*starts, end]
    return [Shot(first, stop, times[first], times[stop]) for first, stop in pairwise(bounds)]
