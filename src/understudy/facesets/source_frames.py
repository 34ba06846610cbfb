"""The frames that faces were cut out of, found again by name or number."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from PIL import Image

from understudy.facesets.metadata import SourceFrame
from understudy.media import Frame, FrameSource, SourceInfo, open_source
from understudy.media.images import pictures_in
from understudy.project.errors import UnderstudyError

PICTURE_RATE = 25  # per second, at which numbered pictures are read


@dataclass(frozen=True)
class SourceFrames:
    """A video file, or a folder of pictures, as the frames of a faceset.

    Attributes:
        path: where they lie.
    """

    path: Path

    @cached_property
    def _source(self) -> FrameSource:
        return open_source([self.path], one_size=False)

    @cached_property
    def _pictures(self) -> dict[str, tuple[int, Path]]:
        pictures = pictures_in(self.path) if self.path.is_dir() else ()
        return {picture.stem: (index, picture) for index, picture in enumerate(pictures)}

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    def find(self, known: SourceFrame) -> SourceFrame | None:
        """The frame that `known` names or numbers, with all that is to be known of it; None where it is not there.

        Raises:
            UnderstudyError: the frames cannot be read.
        """
        if self.path.is_dir():
            found = self._pictures.get(Path(known.name or "").stem)
            if found is None:
                return None
            index, picture = found
            width, height = _picture_size(picture)
        else:
            number = known.frame if known.name is None else frame_number(known.name)
            if number is None or number >= self.info.frame_count:
                return None
            index, width, height = number, self.info.width, self.info.height
        update = {"clip": self.path.name, "frame": index, "time": float(index / self.info.rate)}
        return known.model_copy(update={**update, "width": width, "height": height})

    def frames(self, indices: Iterable[int]) -> Iterator[Frame]:
        """The frames of these numbers, in rising order, and some between; runs of neighbours are read in one go.

        Raises:
            UnderstudyError: a frame cannot be read.
        """
        return frames_at(self._source, indices)


def frames_at(source: FrameSource, indices: Iterable[int]) -> Iterator[Frame]:
    """The frames of these numbers, in rising order, and some between; runs of neighbours are read in one go.

    Raises:
        UnderstudyError: a frame cannot be read.
    """
    for start, stop in _runs(sorted({index for index in indices if 0 <= index < source.info.frame_count})):
        yield from source.frames(start, stop)


def frame_number(name: str) -> int | None:
    """The index of the frame that was dumped to a picture of this name; None where the name is no number.

    Dumped frames are numbered from 1; a number without a suffix is an index in a video.
    """
    found = re.fullmatch(r"0*([0-9]{1,9})(\.\w+)?", name)
    return None if found is None else max(0, int(found[1]) - bool(found[2]))


def _runs(indices: list[int], gap: int = 12) -> Iterator[tuple[int, int]]:
    """Ranges that cover rising numbers; what lies close together is cheaper to read through than to seek."""
    start = 0
    for place in range(1, len(indices) + 1):
        if place == len(indices) or indices[place] - indices[place - 1] > gap:
            yield indices[start], indices[place - 1] + 1
            start = place


def _picture_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as header:
            return header.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnderstudyError(f"{path} cannot be read as a picture: remove or replace it") from error
