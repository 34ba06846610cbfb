"""The garbage mattes of a project: polygons in `mattes.json`, and pictures painted for single frames."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from understudy.masks import Matte
from understudy.media import Frame
from understudy.media.image_file import read_image
from understudy.merging.levels import to_display
from understudy.merging.limits import UNLIMITED, Limits
from understudy.project import Project, UnderstudyError
from understudy.project.folder import one_line

FILE_NAME = "mattes.json"
_LARGEST = 64 << 20  # bytes
_MATTES = TypeAdapter(tuple[Matte, ...])


class Mattes:
    """Gives every frame its mattes.

    Args:
        polygons: for all frames.
        pictures: painted ones, by the name that the picture of their frame has: `00001.png`, or as in the source. In
            them, white lets the swapped face show and black keeps it out.
    """

    def __init__(self, polygons: Iterable[Matte] = (), pictures: Iterable[Path] = ()) -> None:
        self._polygons = tuple(polygons)
        self._pictures = {path.stem: path for path in pictures}
        self._digests = {name: _digest(path) for name, path in self._pictures.items()}

    @classmethod
    def of(cls, project: Project, polygons: Iterable[Matte] = ()) -> "Mattes":
        """What lies in the project's `data_dst/mattes`, beside `polygons` from elsewhere.

        Raises:
            UnderstudyError: `mattes.json` is damaged, or says what no matte can be, or a picture cannot be read.
        """
        folder = project.data("dst") / "mattes"
        pictures = sorted(folder.glob("*.png")) if folder.is_dir() else []
        return cls((*polygons, *_read(folder / FILE_NAME)), pictures)

    def identity(self, frames: range, *, numbered: bool) -> str:
        """A digest that changes when the mattes of these frames, by their indices, do.

        Args:
            numbered: frames are called by their numbers, as those of a video; else any picture may be of any frame.
        """
        content = hashlib.sha256()
        for matte in self._polygons:
            if matte.first <= frames.stop and (matte.last is None or matte.last > frames.start):
                content.update(matte.model_dump_json().encode())
        for name, digest in sorted(self._digests.items()):
            if not numbered or (name.isdecimal() and int(name) - 1 in frames):
                content.update(f"{name}\0{digest}".encode())
        return content.hexdigest()

    def at(self, frame: Frame) -> Limits:
        """Those of a frame.

        Raises:
            UnderstudyError: a picture is damaged, or has not the frame's size.
        """
        path = self._pictures.get(frame.stem)
        if path is None and not self._polygons:
            return UNLIMITED
        return Limits(frame.index, self._polygons, None if path is None else _painted(path, frame))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error


def _read(path: Path) -> tuple[Matte, ...]:
    try:
        if not path.is_file():
            return ()
        if path.stat().st_size > _LARGEST:
            raise UnderstudyError(f"{path} is over {_LARGEST >> 20} MB: mattes do not need so many points")
        document: Any = json.loads(path.read_text(encoding="utf-8"))
        return _MATTES.validate_python(document)
    except ValidationError as error:
        raise UnderstudyError(f"{path}: {one_line(error)}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise UnderstudyError(f"{path} cannot be read as a list of mattes: {error}") from error


def _painted(path: Path, frame: Frame) -> NDArray[np.float32]:
    pixels, _ = read_image(path)
    height, width = pixels.shape[:2]
    if (height, width) != (frame.height, frame.width):
        raise UnderstudyError(f"{path} is {width}x{height} pixels, and its frame {frame.width}x{frame.height}")
    grey: NDArray[np.float32] = to_display(pixels).mean(axis=2)
    return grey
