"""Pictures that show what the files of a faceset say: landmarks, polygons and masks drawn on the faces."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces import draw_debug, transform
from understudy.facesets.face_file import FaceFile, encode_jpeg
from understudy.media import resize
from understudy.media.relay import ahead
from understudy.project import Progress, Silent, UnderstudyError
from understudy.project.atomic import write_bytes

_QUALITY = 80
_LEAST_SIDE = 384  # smaller faces are enlarged, so that points can be told apart
_INCLUDED, _EXCLUDED = (255, 220, 0), (255, 0, 255)
_WORKERS, _DEPTH = 2, 8
_SUBPIXEL_BITS = 4


def draw_face_file(face: FaceFile) -> NDArray[np.uint8]:
    """(S, S, 3) RGB: the face with its landmarks, what its mask leaves out darkened, its polygons outlined.

    Raises:
        UnderstudyError: the file cannot be read.
    """
    aligned = face.aligned()
    size = face.metadata.size
    side = max(size, _LEAST_SIDE)
    image = resize(aligned.image, side, side)
    if aligned.mask is not None:
        mask = np.clip(resize(aligned.mask, side, side), 0, 1)
        image = (image * (0.4 + 0.6 * mask[..., None])).astype(np.uint8)
    matrix = aligned.matrix * (side / size)
    landmarks = transform(aligned.face.landmarks, matrix).astype(np.float32)
    left, top, right, bottom = aligned.face.box
    corners = transform([(left, top), (right, top), (right, bottom), (left, bottom)], matrix)
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)]).astype(np.float32)
    canvas = draw_debug(image, [replace(aligned.face, landmarks=landmarks, box=box)], face.metadata.face_type)
    for polygon in face.metadata.polygons or ():
        if polygon.points:
            points = np.clip(np.asarray(polygon.points) * (side / size), -1e5, 1e5) * 2**_SUBPIXEL_BITS
            color = _INCLUDED if polygon.kind == "include" else _EXCLUDED
            cv2.polylines(canvas, [points.astype(np.int32)], True, color, 2, cv2.LINE_AA, _SUBPIXEL_BITS)
    return canvas


def write_debug_pictures(faces: Sequence[FaceFile], out: Path, *, progress: Progress | None = None) -> int:
    """Write one picture for each face into `out`; older ones are replaced.

    Returns:
        How many.

    Raises:
        UnderstudyError: there is no face, `out` is their own folder, or a face cannot be read.
    """
    progress = progress or Silent()
    if not faces:
        raise UnderstudyError("no faces to draw: check the folder")
    if out.resolve() == faces[0].path.parent.resolve():
        raise UnderstudyError(f"{out} is the faceset itself: debug pictures among its faces would count as pictures")
    progress.begin("drawing", len(faces))

    def draw(face: FaceFile) -> None:
        write_bytes(out / f"{face.path.stem}.jpg", encode_jpeg(draw_face_file(face), _QUALITY))

    for _ in ahead((partial(draw, face) for face in faces), workers=_WORKERS, depth=_DEPTH):
        progress.advance()
    return len(faces)
