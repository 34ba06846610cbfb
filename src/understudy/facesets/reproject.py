"""Facesets in another size or crop geometry, cut anew from the frames where these are still there."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces import FaceType, face_matrix, invert, transform, warp
from understudy.facesets.face_file import FaceFile, encode_picture, write_picture
from understudy.facesets.mask_picture import encode_mask
from understudy.facesets.metadata import FaceMetadata, Polygon
from understudy.facesets.picture_pixels import decode_picture
from understudy.facesets.source_frames import SourceFrames
from understudy.media import Frame, resize
from understudy.media.relay import ahead
from understudy.project import Progress, Silent, UnderstudyError

_WORKERS, _DEPTH = 2, 8
_COMPARED = 32  # side at which a face and its frame are held against each other
_LEAST_LIKENESS = 0.8  # correlation; a neighbouring frame of a still shot passes, another shot does not


@dataclass(frozen=True)
class ReprojectResult:
    """What became of a faceset.

    Attributes:
        folder: where the new faces lie.
        faces: how many.
        from_frames: how many were cut from their frame.
        enlarged: names of those that had to be enlarged from their picture.
        bordered: names of those whose new square reaches beyond their picture: black there.
    """

    folder: Path
    faces: int
    from_frames: int
    enlarged: tuple[str, ...]
    bordered: tuple[str, ...]


@dataclass(frozen=True)
class _Outcome:
    name: str
    from_frame: bool
    enlarged: bool
    bordered: bool


def reproject_faces(
    faces: Sequence[FaceFile],
    out: Path,
    *,
    size: int | None = None,
    face_type: FaceType | None = None,
    frames: Path | None = None,
    quality: int = 95,
    progress: Progress | None = None,
) -> ReprojectResult:
    """Write faces in another size or geometry, with their landmarks, polygons and masks.

    Args:
        out: a folder that holds no files of these names.
        size: side in pixels; None: as it was.
        face_type: None: as it was, with the alignment kept exactly.
        frames: the video or folder of pictures that the faces came from. A face whose frame is there, and shows it, is
            cut from it, so that nothing is sampled twice or enlarged; others are made from their picture.
        quality: of JPEG files; PNG faces stay PNG.

    Raises:
        UnderstudyError: there is no face, a file is in the way, a face or frame cannot be read, or nothing written.
    """
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces to resize: check the folder")
    if present := next((face.path.name for face in faces if (out / face.path.name).exists()), None):
        raise UnderstudyError(f"{out / present} exists already: name another folder")
    progress.begin("resizing", len(faces))
    outcomes = []
    jobs = (
        partial(_write, face, out, _target(face.metadata, size, face_type), frame, quality)
        for face, frame in _with_frames(faces, frames)
    )
    for outcome in ahead(jobs, workers=_WORKERS, depth=_DEPTH):
        outcomes.append(outcome)
        progress.advance()
    return ReprojectResult(
        folder=out,
        faces=len(outcomes),
        from_frames=sum(outcome.from_frame for outcome in outcomes),
        enlarged=tuple(sorted(outcome.name for outcome in outcomes if outcome.enlarged)),
        bordered=tuple(sorted(outcome.name for outcome in outcomes if outcome.bordered)),
    )


def reprojected(metadata: FaceMetadata, size: int, face_type: FaceType) -> tuple[FaceMetadata, NDArray[np.float64]]:
    """The metadata of a face in another size or geometry, and the (2, 3) transform from old pixels to new ones.

    Raises:
        UnderstudyError: its landmarks span no face.
    """
    old = np.asarray(metadata.matrix, np.float64)
    if face_type == metadata.face_type:
        new = old * (size / metadata.size)
        change = np.diag([size / metadata.size, size / metadata.size, 0.0])[:2]
    else:
        new = face_matrix(metadata.source_landmarks, face_type, size)
        back = invert(old)
        change = np.column_stack([new[:, :2] @ back[:, :2], new[:, :2] @ back[:, 2] + new[:, 2]])
    polygons = metadata.polygons and [
        Polygon(kind=polygon.kind, points=transform(polygon.points, change).tolist() if polygon.points else [])
        for polygon in metadata.polygons
    ]
    update = {
        "size": size,
        "face_type": face_type,
        "matrix": new.tolist(),
        "landmarks": transform(metadata.landmarks, change).tolist(),
        "polygons": polygons,
    }
    return FaceMetadata.model_validate({**metadata.model_dump(by_alias=True), **update}), change


def _target(metadata: FaceMetadata, size: int | None, face_type: FaceType | None) -> tuple[int, FaceType]:
    return size or metadata.size, face_type or metadata.face_type


def _with_frames(faces: Sequence[FaceFile], frames: Path | None) -> Iterator[tuple[FaceFile, Frame | None]]:
    """Every face with its frame, or without where it is not there; the frames are read through once."""
    if frames is None:
        yield from ((face, None) for face in faces)
        return
    source = SourceFrames(frames)
    of_frame: defaultdict[int, list[FaceFile]] = defaultdict(list)
    for face in faces:
        found = source.find(face.metadata.source)
        if found is None:
            yield face, None
        else:
            of_frame[found.frame].append(face)
    for frame in source.frames(of_frame):
        yield from ((face, frame) for face in of_frame.pop(frame.index))
    yield from ((face, None) for rest in of_frame.values() for face in rest)  # frames that could not be decoded


def _write(face: FaceFile, out: Path, target: tuple[int, FaceType], frame: Frame | None, quality: int) -> _Outcome:
    size, face_type = target
    metadata, change = reprojected(face.metadata, size, face_type)
    try:
        picture = decode_picture(face.picture())
    except ValueError as error:
        raise UnderstudyError(f"{face.path}: {error}") from error
    is_scaled = face_type == face.metadata.face_type
    from_frame = frame is not None and _shows(frame, face.metadata, picture)
    if frame is not None and from_frame:
        cut = warp(frame.pixels, np.asarray(metadata.matrix, np.float64), size)
        image = replace(frame, pixels=cut, alpha=None, native=None).eight_bit()
    elif is_scaled:
        image = resize(picture, size, size)
    else:
        image = np.asarray(warp(picture, change, size), np.uint8)
    mask = face.mask_picture()
    if mask is not None and not is_scaled:
        held = face.mask()
        assert held is not None  # noqa: S101  # it was stored
        whole = (held[..., None] * np.float32(65535)).astype(np.uint16)
        mask = encode_mask(warp(whole, change, size, cubic=False).reshape(size, size).astype(np.float32) / 65535)
    write_picture(out / face.path.name, encode_picture(image, face.path.suffix, quality), metadata, mask)
    corners = transform([(0, 0), (size, 0), (0, size), (size, size)], invert(change))
    outside = max(-corners.min(), corners.max() - face.metadata.size) > 1
    return _Outcome(
        name=face.path.name,
        from_frame=from_frame,
        enlarged=not from_frame and math.sqrt(abs(np.linalg.det(change[:, :2]))) > 1.02,
        bordered=not from_frame and bool(outside),
    )


def _shows(frame: Frame, metadata: FaceMetadata, picture: NDArray[np.uint8]) -> bool:
    """Whether a frame shows, where the face was cut out, what the face's picture shows."""
    matrix = np.asarray(metadata.matrix, np.float64) * (_COMPARED / metadata.size)
    cut = replace(frame, pixels=warp(frame.pixels, matrix, _COMPARED), alpha=None, native=None).eight_bit()
    kept: NDArray[Any] = cv2.resize(picture, (_COMPARED, _COMPARED), interpolation=cv2.INTER_AREA)
    a, b = (image.astype(np.float64) - image.mean(axis=(0, 1)) for image in (cut, kept))
    return float((a * b).sum()) >= _LEAST_LIKENESS * float(np.sqrt((a * a).sum() * (b * b).sum()))
