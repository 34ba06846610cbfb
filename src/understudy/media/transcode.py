"""From a source to a file or a folder, frame by frame, and nothing changed that need not be."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.media.encode import EncodeSettings
from understudy.media.frame import Frame
from understudy.media.sink import open_sink
from understudy.media.source import FrameSource
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent


@dataclass(frozen=True)
class Transcoded:
    """What was written.

    Attributes:
        path: the file or the folder.
        frames: how many.
        notes: one line for each thing in which it differs from the source.
    """

    path: Path
    frames: int
    notes: tuple[str, ...]


def transcode(
    source: FrameSource,
    out: Path,
    settings: EncodeSettings,
    *,
    change: Callable[[Frame], NDArray[Any]] | None = None,
    choose: Callable[[Iterable[Frame]], Iterator[Frame]] | None = None,
    progress: Progress | None = None,
) -> Transcoded:
    """Write the frames of a source to a video file, or as pictures into a folder.

    Args:
        out: see `open_sink`; it must not exist.
        change: the pixels to write in place of a frame's own, of the same shape and dtype.
        choose: leaves out frames that are not wanted.

    Raises:
        UnderstudyError: as `open_sink`; `out` exists, or a frame cannot be read or written.
    """
    progress = progress or Silent()
    if out.is_file():
        raise UnderstudyError(f"{out} exists already: remove it or name another file")
    progress.begin(f"writing {out.name}", source.info.frame_count)
    count, done = 0, 0
    with open_sink(out, like=source, settings=settings) as sink:
        frames = source.frames()
        for frame in frames if choose is None else choose(frames):
            if change is None:
                sink.write(frame, frame.pixels, np.zeros(frame.pixels.shape[:2], np.bool_))
            else:
                sink.write(frame, change(frame), None)
            progress.advance(frame.index + 1 - done)
            count, done = count + 1, frame.index + 1
    for warning in source.warnings:
        progress.say(warning)
    return Transcoded(out, count, tuple(sink.notes))


def at_rate(rate: Fraction) -> Callable[[Iterable[Frame]], Iterator[Frame]]:
    """Chooses, of the frames of a source, those nearest to `rate` evenly spaced moments a second; none is doubled."""

    def choose(frames: Iterable[Frame]) -> Iterator[Frame]:
        moment = Fraction(0)
        before: Frame | None = None
        chosen = -1
        for frame in frames:
            while frame.time >= moment:
                is_nearer = before is not None and moment - before.time <= frame.time - moment
                nearest = before if before is not None and is_nearer else frame
                if nearest.index > chosen:
                    yield nearest
                chosen = max(chosen, nearest.index)
                moment += 1 / rate
            before = frame

    return choose
