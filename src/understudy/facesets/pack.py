"""A faceset in one file: a zip without compression, whose first member is an index that can be read as a stream."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy.facesets.face_file import FACE_SUFFIXES, FaceFile
from understudy.facesets.metadata import FaceMetadata
from understudy.facesets.safe_name import safe_name
from understudy.project import Progress, Silent, UnderstudyError
from understudy.project.atomic import atomic_path, write_bytes
from understudy.project.folder import one_line

INDEX_NAME = "index.jsonl"
_MAX_LINE = 8 << 20
_MAX_PICTURE = 64 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # equal facesets make equal packs


class PackedFace(BaseModel):
    """A line of the index: a member of the pack, and the face that it shows."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    size: int = Field(ge=0, le=_MAX_PICTURE)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    face: FaceMetadata


class _Header(BaseModel):
    """The first line of the index."""

    model_config = ConfigDict(extra="ignore")

    schema_name: Literal["understudy/faceset"] = Field("understudy/faceset", alias="schema")
    version: Literal[1] = 1
    faces: int = Field(ge=0)


@dataclass(frozen=True)
class Pack:
    """A pack on disk.

    Attributes:
        path: the zip file.
        count: how many faces its index announces.
    """

    path: Path
    count: int

    def index(self) -> Iterator[PackedFace]:
        """What it holds, line by line.

        Raises:
            UnderstudyError: the pack is damaged.
        """
        with _opened(self.path) as archive:
            yield from _index(archive)

    def pictures(self) -> Iterator[tuple[PackedFace, bytes]]:
        """Every face with its file, which is what was packed: its digest is checked.

        Raises:
            UnderstudyError: the pack is damaged.
        """
        with _opened(self.path) as archive:
            for face in _index(archive):
                yield face, _picture(archive, face)


def open_pack(path: Path) -> Pack:
    """Open a pack.

    Raises:
        UnderstudyError: it is missing, or no pack.
    """
    with _opened(path) as archive:
        return Pack(path, _header(archive).faces)


def pack_faces(faces: Sequence[FaceFile], out: Path, *, progress: Progress | None = None) -> Pack:
    """Pack faces into one file and read it back whole before it appears under its name.

    Raises:
        UnderstudyError: there is no face, `out` exists, or it cannot be written.
    """
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces to pack: check the folder")
    if out.exists():
        raise UnderstudyError(f"{out} exists already: remove it or name another file")
    progress.begin("packing", 3 * len(faces))
    index = io.BytesIO()
    index.write(_Header(schema="understudy/faceset", faces=len(faces)).model_dump_json(by_alias=True).encode() + b"\n")
    for face in faces:
        data = face.picture()
        line = PackedFace(
            name=face.path.name, size=len(data), sha256=hashlib.sha256(data).hexdigest(), face=face.metadata
        )
        index.write(line.model_dump_json(by_alias=True, exclude_none=True).encode() + b"\n")
        progress.advance()
    with atomic_path(out) as temporary:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(zipfile.ZipInfo(INDEX_NAME, _EPOCH), index.getbuffer())
            for face in faces:
                archive.writestr(zipfile.ZipInfo(face.path.name, _EPOCH), face.picture())
                progress.advance()
        for _ in Pack(temporary, len(faces)).pictures():
            progress.advance()
    return Pack(out, len(faces))


def unpack_faces(pack: Pack, out: Path, *, progress: Progress | None = None) -> int:
    """Write a pack's faces as files; a file that is there already with the same content is left alone.

    Returns:
        How many faces there are.

    Raises:
        UnderstudyError: the pack is damaged, another file is in the way, or nothing can be written.
    """
    progress = progress or Silent()
    progress.begin("unpacking", pack.count)
    count = 0
    for face, data in pack.pictures():
        target = out / face.name
        if not target.exists():
            write_bytes(target, data)
        elif target.read_bytes() != data:
            raise UnderstudyError(f"another file called {target} is in the way: move it, or name another folder")
        count += 1
        progress.advance()
    return count


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip file, with its faults explained."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
    except ValidationError as error:
        raise UnderstudyError(f"{path} is no faceset pack, or is damaged ({one_line(error)})") from error
    # zipfile raises RuntimeError for encryption, NotImplementedError for versions and methods that it lacks.
    except (zipfile.BadZipFile, ValueError, KeyError, RuntimeError, EOFError) as error:
        raise UnderstudyError(f"{path} is no faceset pack, or is damaged ({error})".replace("\n", " ")) from error


def _lines(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The lines of the index."""
    with archive.open(_member(archive, INDEX_NAME)) as index:
        while line := index.readline(_MAX_LINE):
            if not line.endswith(b"\n"):
                raise ValueError("a line of the index is cut off")
            yield line


def _header(archive: zipfile.ZipFile) -> _Header:
    return _Header.model_validate_json(next(_lines(archive), b""))


def _index(archive: zipfile.ZipFile) -> Iterator[PackedFace]:
    lines = _lines(archive)
    promised = _Header.model_validate_json(next(lines, b"")).faces
    seen: set[str] = set()
    for line in lines:
        face = PackedFace.model_validate_json(line)
        if Path(safe_name(face.name)).suffix.lower() not in FACE_SUFFIXES or face.name.casefold() in seen:
            raise ValueError(f"{face.name} is no name of a face, or the name of two")
        seen.add(face.name.casefold())
        yield face
    if len(seen) != promised:
        raise ValueError(f"{len(seen)} of {promised} faces")


def _picture(archive: zipfile.ZipFile, face: PackedFace) -> bytes:
    member = _member(archive, face.name)
    if member.file_size != face.size:
        raise ValueError(f"{face.name} is not what was packed")
    data = archive.read(member)
    if hashlib.sha256(data).hexdigest() != face.sha256:
        raise ValueError(f"{face.name} is not what was packed")
    return data


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """A member, which is only read if it is not compressed, so that no pack unfolds to more than it is long."""
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed, where a pack is not")
    return member
