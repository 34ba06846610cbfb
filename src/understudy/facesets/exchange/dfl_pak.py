"""DeepFaceLab's `faceset.pak`: an index, a table of offsets, and complete JPEG files back to back."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from understudy.facesets.exchange.dfl_face import read_face
from understudy.facesets.exchange.dfl_record import DflFace, polygon_record, source_filename
from understudy.facesets.safe_name import safe_name
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError
from understudy.project.inert_pickle import RefusedPickleError, load_inert
from understudy.project.plain_pickle import Member, dump_plain

PAK_NAME = "faceset.pak"
_VERSION = 1
_MAX_INDEX = 512 << 20
_MAX_PICTURE = 64 << 20
_FACE_SAMPLE = 1
_FACE_CODES = {"half": 0, "mid": 1, "full": 2, "whole_face": 4, "head": 10}


def _enumerated(value: Any) -> Any:
    return value


_NAMES = {("samplelib.Sample", "SampleType"): _enumerated, ("facelib.FaceType", "FaceType"): _enumerated}


@dataclass(frozen=True)
class PakEntry:
    """A file in a pak.

    Attributes:
        name: a plain file name.
        person: a plain folder name in packs of several persons.
        offset, size: where its bytes lie.
    """

    name: str
    person: str | None
    offset: int
    size: int

    @property
    def place(self) -> Path:
        """Where it belongs, relative to the folder of the set."""
        return Path(self.person or "", self.name)


@dataclass(frozen=True)
class Pak:
    """A `faceset.pak` whose index has been read."""

    path: Path
    entries: tuple[PakEntry, ...]

    def pictures(self) -> Iterator[tuple[PakEntry, bytes]]:
        """The files, one after another.

        Raises:
            UnderstudyError: the pak can no longer be read.
        """
        try:
            with self.path.open("rb") as file:
                for entry in self.entries:
                    file.seek(entry.offset)
                    yield entry, file.read(entry.size)
        except OSError as error:
            raise UnderstudyError(f"cannot read {self.path}: {error.strerror or error}") from error


def open_pak(path: Path) -> Pak:
    """Read the index of a pak.

    Raises:
        UnderstudyError: no readable pak, a damaged one, or a hostile one: sizes that it cannot have, names that leave
            the folder, an index that is more than data.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return Pak(path, _entries(file, size))
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
    except (RefusedPickleError, ValueError) as error:
        raise UnderstudyError(f"{path} is no faceset.pak, or is damaged ({error})") from error


def write_pak(path: Path, files: Sequence[Path]) -> None:
    """Write a pak atomically.

    Args:
        files: face files of the old program, which keep their names.

    Raises:
        UnderstudyError: a file is no face of the old program, or the pak cannot be written.
    """
    try:
        index = dump_plain([_index_entry(file.name, _face(file)) for file in files])
        offsets = list(accumulate((file.stat().st_size for file in files), initial=0))
        with atomic_path(path) as temporary, temporary.open("wb") as pak:
            pak.write(struct.pack("<QQ", _VERSION, len(index)) + index)
            pak.write(struct.pack(f"<{len(offsets)}Q", *offsets))
            for file in files:
                pak.write(file.read_bytes())
    except OSError as error:
        raise UnderstudyError(f"cannot write {path}: {error.strerror or error}") from error


def _entries(file: BinaryIO, size: int) -> tuple[PakEntry, ...]:
    header = file.read(16)
    if len(header) < 16:
        raise ValueError("too short")
    version, length = struct.unpack("<QQ", header)
    if version != _VERSION:
        raise ValueError(f"version {version}, where {_VERSION} is known")
    if length > min(_MAX_INDEX, size - 16):
        raise ValueError(f"an index of {length} bytes in a file of {size}")
    index = load_inert(file, names=_NAMES, offset=16, size=length)
    if not isinstance(index, list):
        raise ValueError("the index is no list")  # noqa: TRY004
    start = 16 + length + 8 * (len(index) + 1)
    if start > size:
        raise ValueError("the table of offsets is cut off")
    file.seek(16 + length)
    table = np.frombuffer(file.read(8 * (len(index) + 1)), "<u8")
    # The last entry is the size of the file, or of its data alone; both mean its end.
    ends = [*table[1:-1].tolist(), size - start]
    entries, places = [], set()
    for item, begin, end in zip(index, table.tolist(), ends, strict=False):
        if not isinstance(item, dict):
            raise ValueError("an entry of the index is no dict")  # noqa: TRY004
        if not begin <= end <= size - start or end - begin > _MAX_PICTURE:
            raise ValueError("offsets that lie outside of the file")
        person = item.get("person_name")
        entry = PakEntry(
            name=safe_name(item.get("filename")),
            person=None if person is None else safe_name(person),
            offset=start + begin,
            size=end - begin,
        )
        if str(entry.place).casefold() in places:
            raise ValueError(f"two files called {entry.place}")
        places.add(str(entry.place).casefold())
        entries.append(entry)
    return tuple(entries)


def _face(file: Path) -> DflFace:
    try:
        face = read_face(file.read_bytes())
    except ValueError as error:
        raise UnderstudyError(f"{file}: {error}") from error
    if face is None:
        raise UnderstudyError(f"{file} is no face file of DeepFaceLab")
    return face


def _index_entry(name: str, face: DflFace) -> dict[str, Any]:
    metadata = face.metadata
    return {
        "sample_type": Member("samplelib.Sample", "SampleType", _FACE_SAMPLE),
        "filename": name,
        "face_type": Member("facelib.FaceType", "FaceType", _FACE_CODES[metadata.face_type]),
        "shape": (metadata.size, metadata.size, 3),
        "landmarks": [list(point) for point in metadata.landmarks],
        "seg_ie_polys": polygon_record(metadata.polygons or []),
        "xseg_mask": None,
        "xseg_mask_compressed": None if face.mask is None else np.frombuffer(face.mask, np.uint8),
        "eyebrows_expand_mod": 1.0 if metadata.brow_expansion is None else metadata.brow_expansion,
        "source_filename": source_filename(metadata),
        "person_name": None,
    }
