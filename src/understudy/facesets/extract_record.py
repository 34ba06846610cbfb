"""How far an extraction has come and what it found where: the file beside the faces that makes it resumable."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy.faces import ExtractSettings
from understudy.project.atomic import write_text
from understudy.project.errors import UnderstudyError

Range = tuple[int, int]
"""First and last frame, both included."""

_Faces = Annotated[int, Field(ge=0, le=10_000)]
_Frames = Annotated[int, Field(ge=1, le=10_000_000)]


class ExtractRecord(BaseModel):
    """What was extracted, of what, and with which settings.

    Attributes:
        clips: name and size in bytes of each.
        counts: how many faces the frames hold, in runs: (faces, frames) of the first frames alike, of those that
            follow, and so on.
        filled: how many faces were placed in gaps.
    """

    model_config = ConfigDict(extra="forbid")

    version: Literal[2] = 2
    settings: ExtractSettings
    clips: list[tuple[str, int]]
    counts: list[tuple[_Faces, _Frames]] = Field(default=[], max_length=1 << 20)
    filled: int = Field(default=0, ge=0)
    finished: bool = False

    @classmethod
    def load(cls, path: Path) -> "ExtractRecord | None":
        """The record at `path`; None where there is none.

        Raises:
            UnderstudyError: it cannot be read.
        """
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, ValidationError) as error:
            reason = "is damaged, or of another version" if isinstance(error, ValueError) else error
            raise UnderstudyError(f"cannot read {path}: it {reason}; repeat with --again to start over") from error

    def save(self, path: Path) -> None:
        write_text(path, self.model_dump_json())

    @property
    def frames(self) -> int:
        """Frames looked at."""
        return sum(frames for _, frames in self.counts)

    @property
    def frames_with_face(self) -> int:
        return sum(frames for faces, frames in self.counts if faces)

    @property
    def faces(self) -> int:
        """Faces found."""
        return sum(faces * frames for faces, frames in self.counts)

    @property
    def gaps(self) -> tuple[Range, ...]:
        """Ranges of frames in which no face was found."""
        return tuple((first, first + frames - 1) for first, faces, frames in self._runs() if not faces)

    def add(self, faces: int) -> None:
        """Note how many faces the next frame holds."""
        if self.counts and self.counts[-1][0] == faces:
            self.counts[-1] = faces, self.counts[-1][1] + 1
        else:
            self.counts.append((faces, 1))

    def change(self, found: Mapping[int, int]) -> None:
        """Note anew how many faces some frames hold."""
        every = (found.get(index, faces) for index, faces in enumerate(self._each()))
        self.counts = [(faces, sum(1 for _ in run)) for faces, run in groupby(every)]

    def lacking(self, present: Mapping[int, int]) -> set[int]:
        """Frames that hold fewer faces now than were found; `present` counts those that are there."""
        return {index for index, faces in enumerate(self._each()) if present.get(index, 0) < faces}

    def _each(self) -> Iterator[int]:
        return (faces for faces, frames in self.counts for _ in range(frames))

    def _runs(self) -> Iterator[tuple[int, int, int]]:
        first = 0
        for faces, frames in self.counts:
            yield first, faces, frames
            first += frames


def ranges_of(frames: Iterable[int]) -> tuple[Range, ...]:
    """Numbers of frames as ranges."""
    ranges: list[Range] = []
    for frame in sorted(frames):
        if ranges and ranges[-1][1] == frame - 1:
            ranges[-1] = ranges[-1][0], frame
        else:
            ranges.append((frame, frame))
    return tuple(ranges)
