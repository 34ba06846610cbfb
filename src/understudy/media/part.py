"""A part of a video file as a source of its own."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from understudy.media.container import open_container
from understudy.media.frame import Frame
from understudy.media.video import VideoSource
from understudy.project.errors import UnderstudyError


class PartSource:
    """Some frames of a video file, counted and timed from the first of them, with the sound of that time."""

    def __init__(
        self, path: Path, *, start: Fraction = Fraction(0), end: Fraction | None = None, sound: int | None = None
    ) -> None:
        """Open the frames shown from `start` up to but not at `end`, in seconds from the file's first frame.

        Args:
            end: None: to the end.
            sound: the number of the only sound track that belongs to the part, from 0; None: all, -1: none.

        Raises:
            UnderstudyError: as `VideoSource`; no frame is shown in that time, or there is no such sound track.
        """
        check_sound(path, sound)
        self._source = VideoSource(path)
        whole = self._source.info
        self._first = self._source.index_from(start)
        self._stop = whole.frame_count if end is None else min(self._source.index_from(end), whole.frame_count)
        if self._first >= self._stop:
            length = float(whole.duration)
            raise UnderstudyError(f"{path} shows no frame in that time: it is {length:.3f} seconds long")
        self._shift = self._source.time_of(self._first)
        last = self._source.time_of(self._stop - 1) + self._source.duration_of(self._stop - 1)
        clip = replace(
            whole.clips[0],
            frame_count=self._stop - self._first,
            duration=last - self._shift,
            origin=whole.clips[0].origin + self._shift,
            is_part=True,
            sound=sound,
        )
        self.info = replace(whole, frame_count=clip.frame_count, duration=clip.duration, clips=(clip,))

    @property
    def first(self) -> int:
        """The number of the first frame in the whole file."""
        return self._first

    @property
    def warnings(self) -> list[str]:
        return self._source.warnings

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), in the order shown.

        Raises:
            ValueError: `start` or `stop` lies outside the part.
        """
        stop = self.info.frame_count if stop is None else stop
        if not 0 <= start <= stop <= self.info.frame_count:
            raise ValueError(f"frames {start} to {stop} of a source of {self.info.frame_count}")
        for frame in self._source.frames(self._first + start, self._first + stop):
            yield replace(frame, index=frame.index - self._first, time=frame.time - self._shift)


def check_sound(path: Path, sound: int | None) -> None:
    """Refuse the number of a sound track that a file does not have.

    Raises:
        UnderstudyError: there is no such track; or as `open_container`.
    """
    if sound is None or sound == -1:
        return
    with open_container(path) as file:
        count = len(file.streams.audio)
    if not 0 <= sound < count:
        there_are = f"its sound tracks are 0 to {count - 1}" if count else "it has none"
        raise UnderstudyError(f"{path} has no sound track {sound}: {there_are}")
