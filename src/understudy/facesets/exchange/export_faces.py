"""Our facesets, made DeepFaceLab's."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from understudy.facesets.exchange.dfl_face import dfl_jpeg
from understudy.facesets.exchange.dfl_pak import PAK_NAME, write_pak
from understudy.facesets.face_file import FaceFile, read_mask_picture
from understudy.media.relay import ahead
from understudy.project import Progress, Silent, UnderstudyError
from understudy.project.atomic import write_bytes

ExportFormat = Literal["dfl", "dfl-pak"]
_WORKERS, _DEPTH = 2, 16


@dataclass(frozen=True)
class ExportResult:
    """What an export wrote.

    Attributes:
        path: the folder or the pak.
        faces: how many it holds.
    """

    path: Path
    faces: int


def export_faces(
    faces: Sequence[FaceFile], out: Path, file_format: ExportFormat, *, progress: Progress | None = None
) -> ExportResult:
    """Write faces as files that DeepFaceLab reads, pictures copied bit by bit where they are JPEG.

    Args:
        faces: of one set.
        out: a folder, which must hold no files of these names; for `dfl-pak` the folder that gets a `faceset.pak`, or
            the pak itself.

    Raises:
        UnderstudyError: there is no face, one cannot be exported, or something is in the way.
    """
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces to export: check the folder")
    if file_format == "dfl":
        _write(faces, out, progress)
        return ExportResult(out, len(faces))
    pak = out if out.suffix.lower() == ".pak" else out / PAK_NAME
    if pak.exists():
        raise UnderstudyError(f"{pak} exists already: remove it or name another file")
    pak.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export", dir=pak.parent) as scratch:
        write_pak(pak, _write(faces, Path(scratch), progress))
    return ExportResult(pak, len(faces))


def _write(faces: Sequence[FaceFile], folder: Path, progress: Progress) -> list[Path]:
    targets = [folder / f"{face.path.stem}.jpg" for face in faces]
    if len(set(targets)) < len(targets):
        raise UnderstudyError("two faces differ in the suffix of their file alone: rename one of them")
    if present := next((target for target in targets if target.exists()), None):
        raise UnderstudyError(f"{present} exists already: name another folder")
    progress.begin("exporting", len(faces))
    jobs = (partial(_write_one, face, target) for face, target in zip(faces, targets, strict=True))
    for _ in ahead(jobs, workers=_WORKERS, depth=_DEPTH):
        progress.advance()
    return targets


def _write_one(face: FaceFile, target: Path) -> None:
    picture = face.picture()
    mask = read_mask_picture(picture, face.path)
    try:
        write_bytes(target, dfl_jpeg(picture, face.metadata, mask))
    except ValueError as error:
        raise UnderstudyError(f"{face.path}: {error}") from error
