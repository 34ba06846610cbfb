"""Faces side by side in one picture, row by row, each row with its title."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from understudy.facesets.face_file import encode_jpeg
from understudy.media import read_image
from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError

Row = tuple[str, Sequence[Path]]
_SIDE, _GAP, _TITLE = 128, 2, 20  # pixels
_PAPER, _INK = (24, 25, 28), (230, 230, 230)
_QUALITY = 88


def write_contact_sheet(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as a JPEG picture; a face that cannot be read leaves its place empty.

    Raises:
        UnderstudyError: there is nothing to show, or the file cannot be written.
    """
    if not any(faces for _, faces in rows):
        raise UnderstudyError(f"no faces to show: {path} was not written")
    write_bytes(path, encode_jpeg(contact_sheet(rows), _QUALITY))


def contact_sheet(rows: Sequence[Row]) -> NDArray[np.uint8]:
    """The rows below each other, (H, W, 3) RGB."""
    width = max(len(faces) for _, faces in rows) * (_SIDE + _GAP) + _GAP
    height = len(rows) * (_TITLE + _SIDE + _GAP)
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for number, (title, faces) in enumerate(rows):
        top = number * (_TITLE + _SIDE + _GAP)
        draw.text((_GAP + 2, top + 2), title, fill=_INK, font=font)
        for at, face in enumerate(faces):
            if (picture := _small(face)) is not None:
                sheet.paste(Image.fromarray(picture), (_GAP + at * (_SIDE + _GAP), top + _TITLE))
    return np.asarray(sheet)


def _small(path: Path) -> NDArray[np.uint8] | None:
    try:
        pixels, _ = read_image(path)
    except UnderstudyError:
        return None
    return np.asarray(cv2.resize(pixels[..., :3], (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
