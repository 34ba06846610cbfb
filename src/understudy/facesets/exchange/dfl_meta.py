"""DeepFaceLab's `meta.dat`: the records of a folder's faces, saved before an editor strips them from the files."""

from pathlib import Path
from typing import Any

from understudy.facesets.exchange.dfl_record import DflFace, parse_record
from understudy.project.errors import UnderstudyError
from understudy.project.inert_pickle import load_inert_file

META_NAME = "meta.dat"
_MAX_BYTES = 512 << 20


class DflMeta:
    """A `meta.dat` that has been read; its records are looked at when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Read `path`.

        Raises:
            UnderstudyError: no readable `meta.dat`, a damaged one, or one that is more than data.
        """
        held = load_inert_file(path, most=_MAX_BYTES, what="a meta.dat of DeepFaceLab")
        if not isinstance(held, dict):
            raise UnderstudyError(f"{path} is not a meta.dat of DeepFaceLab, or is damaged (no dict)")
        self._held: dict[Any, Any] = held

    def __contains__(self, name: str) -> bool:
        return name in self._held

    def face(self, name: str) -> DflFace:
        """The face that the file called `name` showed; its size is the one that was saved.

        Raises:
            ValueError: the entry is not that of an aligned face.
        """
        entry = self._held[name]
        shape = entry[0] if isinstance(entry, list | tuple) and len(entry) == 2 else None
        if not isinstance(shape, list | tuple) or len(shape) < 2 or not all(type(n) is int for n in shape[:2]):
            raise ValueError("unreadable entry in meta.dat")
        if shape[0] != shape[1]:
            raise ValueError(f"the picture was {shape[1]}x{shape[0]}, where an aligned face is square")
        return parse_record(entry[1], shape[0])
