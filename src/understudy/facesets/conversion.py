"""Facesets in another picture format."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from understudy.facesets.face_file import FaceFile, encode_picture, write_picture
from understudy.facesets.picture_pixels import decode_picture
from understudy.media.relay import ahead
from understudy.project import Progress, Silent, UnderstudyError

PictureFormat = Literal["jpg", "png"]
_WORKERS, _DEPTH = 2, 8


def convert_faces(
    faces: Sequence[FaceFile],
    out: Path,
    picture_format: PictureFormat,
    *,
    quality: int = 95,
    progress: Progress | None = None,
) -> int:
    """Write faces as JPEG or PNG files with all that they say; files that are of that format already are copied.

    Args:
        out: a folder that holds no files of these names.
        quality: of JPEG, 1 to 100.

    Returns:
        How many were encoded anew.

    Raises:
        UnderstudyError: there is no face, a file is in the way, or one cannot be read or written.
    """
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces to convert: check the folder")
    targets = [out / f"{face.path.stem}.{picture_format}" for face in faces]
    if len(set(targets)) < len(targets):
        raise UnderstudyError("two faces differ in the suffix of their file alone: rename one of them")
    if present := next((target for target in targets if target.exists()), None):
        raise UnderstudyError(f"{present} exists already: name another folder")
    progress.begin("converting", len(faces))
    jobs = (partial(_convert, face, target, quality) for face, target in zip(faces, targets, strict=True))
    encoded = 0
    for is_new in ahead(jobs, workers=_WORKERS, depth=_DEPTH):
        encoded += is_new
        progress.advance()
    return encoded


def _convert(face: FaceFile, target: Path, quality: int) -> bool:
    picture, mask = face.picture(), face.mask_picture()
    is_new = face.path.suffix.lower() != target.suffix
    if is_new:
        try:
            picture = encode_picture(decode_picture(picture), target.suffix, quality)
        except ValueError as error:
            raise UnderstudyError(f"{face.path}: {error}") from error
    write_picture(target, picture, face.metadata, mask)
    return is_new
