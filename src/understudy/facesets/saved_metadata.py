"""The metadata of a faceset in a file of its own, for the time that its pictures spend in an editor that strips it."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from understudy.facesets.face_file import FACE_SUFFIXES, FaceFile, encode_picture, read_metadata, write_picture
from understudy.facesets.metadata import FaceMetadata
from understudy.facesets.picture_pixels import decode_picture, side_of
from understudy.media import resize
from understudy.project import Progress, Silent, UnderstudyError
from understudy.project.atomic import atomic_path
from understudy.project.folder import one_line

SAVED_NAME = "metadata.jsonl"
_MAX_LINE = 32 << 20
_QUALITY = 100


class _Line(BaseModel):
    """One face."""

    model_config = ConfigDict(extra="ignore")

    schema_name: Literal["understudy/saved-face"] = Field("understudy/saved-face", alias="schema")
    version: Literal[1] = 1
    name: str
    face: FaceMetadata
    mask: str | None = None


@dataclass(frozen=True)
class RestoreResult:
    """What was given back.

    Attributes:
        restored: how many files got their metadata back.
        resized: how many of them got their size back too.
        kept: how many still had theirs and were left alone.
        skipped: name and reason of the others, and of saved faces whose file is gone.
    """

    restored: int
    resized: int
    kept: int
    skipped: tuple[tuple[str, str], ...]


def save_metadata(faces: Sequence[FaceFile], path: Path, *, progress: Progress | None = None) -> None:
    """Write what the faces' files say, masks included, to one file of JSON lines; an older one is replaced.

    Raises:
        UnderstudyError: there is no face, one cannot be read, or the file cannot be written.
    """
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces whose metadata could be saved: check the folder")
    progress.begin("saving metadata", len(faces))
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for face in faces:
            mask = face.mask_picture()
            encoded = None if mask is None else base64.b64encode(mask).decode()
            line = _Line(schema="understudy/saved-face", name=face.path.name, face=face.metadata, mask=encoded)
            file.write(line.model_dump_json(by_alias=True, exclude_none=True) + "\n")
            progress.advance()


def restore_metadata(
    folder: Path, saved: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> RestoreResult:
    """Put saved metadata back into the pictures of a folder; pictures of another size get theirs back.

    A picture that was saved under another suffix is found by its stem. The saved file stays.

    Args:
        overwrite: also replace the metadata of files that still have some.

    Raises:
        UnderstudyError: the saved file cannot be read, or a picture cannot be written.
    """
    progress = progress or Silent()
    files = {p.name: p for p in sorted(folder.iterdir()) if p.suffix.lower() in FACE_SUFFIXES}
    by_stem = {p.stem: p for p in files.values()}
    progress.begin("restoring metadata", len(files))
    restored, resized, kept = 0, 0, 0
    skipped: list[tuple[str, str]] = []
    done: set[Path] = set()
    for line in _lines(saved):
        path = files.get(line.name) or by_stem.get(Path(line.name).stem)
        if path is None or path in done:
            skipped.append((line.name, "its picture is gone"))
            continue
        done.add(path)
        progress.advance()
        try:
            picture = path.read_bytes()
            if not overwrite and _has_metadata(picture, path):
                kept += 1
                continue
            if side_of(picture) != line.face.size:
                pixels = resize(decode_picture(picture), line.face.size, line.face.size)
                picture = encode_picture(pixels, path.suffix, _QUALITY)
                resized += 1
            mask = None if line.mask is None else base64.b64decode(line.mask, validate=True)
        except (OSError, ValueError, binascii.Error) as error:
            skipped.append((path.name, str(error)))
            continue
        write_picture(path, picture, line.face, mask)
        restored += 1
    skipped += [(name, "nothing was saved of it") for name, path in files.items() if path not in done]
    return RestoreResult(restored, resized, kept, tuple(skipped))


def _has_metadata(picture: bytes, path: Path) -> bool:
    try:
        return read_metadata(picture, path) is not None
    except UnderstudyError:
        return False


def _lines(saved: Path) -> Iterator[_Line]:
    try:
        with saved.open("rb") as file:
            while line := file.readline(_MAX_LINE):
                yield _Line.model_validate_json(line)
    except OSError as error:
        raise UnderstudyError(f"cannot read {saved}: {error.strerror or error}") from error
    except ValidationError as error:
        raise UnderstudyError(f"{saved} holds no saved metadata, or is damaged: {one_line(error)}") from error
