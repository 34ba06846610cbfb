"""Picture files as sources of frames: folders of numbered pictures at a fixed rate."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from understudy.media.frame import Frame
from understudy.media.image_file import read_image
from understudy.media.info import Clip, SourceInfo
from understudy.media.relay import ahead
from understudy.project.errors import UnderstudyError

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr"})
_READERS, _AHEAD = 2, 4  # threads, and pictures read before they are asked for


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The picture files of `folder` in natural order (`2.png` before `10.png`); hidden ones are passed over.

    Raises:
        UnderstudyError: there is none.
    """
    files = (p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith("."))
    pictures = tuple(sorted((p for p in files if p.is_file()), key=_natural))
    if not pictures:
        raise UnderstudyError(f"{folder} holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))}): check the path")
    return pictures


def _natural(path: Path) -> tuple[list[tuple[bool, int, str]], str]:
    parts = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts], path.name


class ImageSource:
    """Picture files shown at a fixed rate; every one must have the size of the first."""

    def __init__(self, path: Path, pictures: Sequence[Path], *, rate: Fraction = Fraction(25)) -> None:
        """Read the first of `pictures`; `path` stands for them all in messages and in the clip.

        Raises:
            UnderstudyError: it cannot be read, or the rate is not above 0.
        """
        if rate <= 0:
            raise UnderstudyError(f"{path}: {rate} pictures per second were asked for: give a rate above 0")
        self.warnings: list[str] = []
        self._pictures = tuple(pictures)
        self._rate = rate
        pixels, alpha = read_image(self._pictures[0])
        first = Frame(pixels, 0, Fraction(0))
        count = len(self._pictures)
        clip = Clip(path, count, start=Fraction(0), duration=count / rate, kind="images")
        self.info = SourceInfo(
            paths=(path,),
            width=first.width,
            height=first.height,
            frame_count=count,
            rate=rate,
            variable_rate=False,
            time_base=1 / rate,
            duration=clip.duration,
            bit_depth=8 * pixels.dtype.itemsize,
            has_alpha=alpha is not None,
            color=first.color,
            pixel_format=None,
            rotation=0,
            sample_aspect_ratio=Fraction(1),
            has_audio=False,
            clips=(clip,),
            kind="images",
        )

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Frames `start` up to but not including `stop` (None: to the end), read ahead on background threads.

        Raises:
            UnderstudyError: a picture cannot be read, or is not of the first one's size.
            ValueError: `start` or `stop` lies outside the source.
        """
        stop = len(self._pictures) if stop is None else stop
        if not 0 <= start <= stop <= len(self._pictures):
            raise ValueError(f"frames {start} to {stop} of a source of {len(self._pictures)}")
        return ahead((partial(self._frame, index) for index in range(start, stop)), workers=_READERS, depth=_AHEAD)

    def _frame(self, index: int) -> Frame:
        path = self._pictures[index]
        pixels, alpha = read_image(path)
        frame = Frame(pixels, index, index / self._rate, duration=1 / self._rate, alpha=alpha, name=path.stem)
        size, first_size = f"{frame.width}x{frame.height}", f"{self.info.width}x{self.info.height}"
        if size != first_size:
            raise UnderstudyError(
                f"{path} is {size} but {self._pictures[0]} is {first_size}: pictures of one source must have one size"
            )
        return frame
