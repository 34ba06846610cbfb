"""Reading the watermark from a file: frames from all over it are put together, second by second."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from numpy.typing import NDArray

from understudy.media.container import open_video
from understudy.media.image_file import read_image
from understudy.media.images import IMAGE_SUFFIXES, pictures_in
from understudy.media.orientation import Orientation, from_display_matrix
from understudy.media.timeline import decoded
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent
from understudy.provenance.watermark.payload import Payload
from understudy.provenance.watermark.reading import (
    CHANCE,
    PRESENT,
    Found,
    Levels,
    Reading,
    even,
    look_again,
    luma_of,
    search,
)

_PER_SECOND = 6  # frames that are looked at
_SEGMENT = 10  # seconds that are put together to find the payload
_PICTURES_PER_SECOND = 25  # of a folder


@dataclass(frozen=True)
class Second:
    """One second of a file.

    Attributes:
        start, stop: seconds from the start of the file.
        payload: what is marked there, None: nothing that can be read.
        score: correlation with that payload in standard deviations of chance.
    """

    start: float
    stop: float
    payload: Payload | None
    score: float


@dataclass(frozen=True)
class FileReading:
    """What was read from a file.

    Attributes:
        path: the file, or the folder of pictures.
        reading: the clearest reading, None where there is none.
        seconds: where in time: one entry for every second of a video, every 25 pictures of a folder.
        frames: number of frames looked at.
        chance: upper bound of the probability that an unmarked file of this length gives any reading.
    """

    path: Path
    reading: Reading | None
    seconds: tuple[Second, ...]
    frames: int
    chance: float

    @property
    def payload(self) -> Payload | None:
        return self.reading.payload if self.reading else None

    @property
    def share(self) -> float:
        """Share of the seconds that are marked with the payload, 0..1."""
        marked = sum(second.payload == self.payload for second in self.seconds)
        return marked / len(self.seconds) if self.payload else 0.0


def read_file(path: Path, progress: Progress | None = None) -> FileReading:
    """Look for the watermark in a video, a picture or a folder of pictures (25 of which count as a second).

    The file is streamed: memory does not grow with its length.

    Raises:
        UnderstudyError: the file is missing, cannot be read, or holds no picture.
    """
    reader, progress = _FileReader(), progress or Silent()
    told = 0.0
    for time, luma in _lumas(path, progress):
        reader.add(time, luma)
        progress.advance(time - told)
        told = time
    reader.finish()
    if not reader.frames:
        raise UnderstudyError(f"{path} holds no picture that can be decoded: copy it again from its original")
    return FileReading(path, reader.best, tuple(reader.seconds), reader.frames, reader.searches * CHANCE)


class _FileReader:
    """Puts frames together second by second, and searches every few seconds."""

    def __init__(self) -> None:
        self.best: Reading | None = None
        self.seconds: list[Second] = []
        self.frames = 0
        self.searches = 0
        self._found: Found | None = None
        self._waiting: dict[int, Levels] = {}  # sums of evened pictures by second

    def add(self, time: float, luma: NDArray[Any]) -> None:
        """Add a picture (H, W) shown at `time` in seconds."""
        levels = even(luma)
        second = int(time)
        if self._waiting:
            first = next(iter(self._waiting))
            if second >= first + _SEGMENT or self._waiting[first][0].shape != levels[0].shape:
                self._search()
        before = self._waiting.get(second)
        self._waiting[second] = levels if before is None else _sum([before, levels])
        self.frames += 1

    def finish(self) -> None:
        """Search what is left."""
        if self._waiting:
            self._search()

    def _search(self) -> None:
        total = _sum(list(self._waiting.values()))
        if self._found is None or look_again(total, self._found) < PRESENT:
            self.searches += 1
            self._found = search(total) or self._found
        for second, levels in self._waiting.items():
            score = look_again(levels, self._found) if self._found else 0.0
            payload = self._found.reading.payload if self._found and score >= PRESENT else None
            self.seconds.append(Second(float(second), float(second + 1), payload, score))
        if self._found and (self.best is None or self._found.reading.score > self.best.score):
            self.best = self._found.reading
        self._waiting = {}


def _sum(levels: list[Levels]) -> Levels:
    full, half = (np.sum(level, axis=0) for level in zip(*levels, strict=True))
    return full, half


def _lumas(path: Path, progress: Progress) -> Iterator[tuple[float, NDArray[Any]]]:
    """Some pictures of every second, as time in seconds and luma (H, W) with white at 255."""
    if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES:
        step = _PICTURES_PER_SECOND // _PER_SECOND
        pictures = pictures_in(path) if path.is_dir() else [path]
        progress.begin("looking for the watermark", len(pictures) / _PICTURES_PER_SECOND)
        for index, picture in enumerate(pictures):
            if index % step == 0:
                yield index / _PICTURES_PER_SECOND, luma_of(read_image(picture)[0])
        return
    with open_video(path) as (container, stream):
        progress.begin("looking for the watermark", container.duration / av.time_base if container.duration else None)
        rate = float(stream.average_rate or 25)
        start: float | None = None
        due = 0.0
        for index, native in enumerate(decoded(container, stream)):
            shown = index / rate if native.time is None else float(native.time)
            start = shown if start is None else start
            time = shown - start + 1e-6  # times are rounded
            if time >= due:
                due = (int(time * _PER_SECOND) + 1) / _PER_SECOND
                luma: NDArray[Any] = native.to_ndarray(format="gray")
                yield time, _orientation(native).apply(luma)


def _orientation(picture: av.VideoFrame) -> Orientation:
    side_data: Any = picture.side_data
    matrix = side_data.get(SideDataType.DISPLAYMATRIX)
    return Orientation() if matrix is None else from_display_matrix(bytes(matrix))
