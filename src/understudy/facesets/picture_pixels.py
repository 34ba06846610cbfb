"""The pixels of a face picture that is held in memory."""

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.facesets import jpeg_segments, png_chunks
from understudy.facesets.jpeg_segments import SOI

MAX_SIDE = 4096


def picture_size(picture: bytes) -> tuple[int, int]:
    """Width and height of a JPEG or PNG file, from its header.

    Raises:
        ValueError: neither, or a damaged header.
    """
    return jpeg_segments.picture_size(picture) if picture[:2] == SOI else png_chunks.picture_size(picture)


def side_of(picture: bytes) -> int:
    """Side of a square JPEG or PNG picture in pixels, from its header.

    Raises:
        ValueError: as `picture_size`, or no square.
    """
    width, height = picture_size(picture)
    if width != height:
        raise ValueError(f"the picture is {width}x{height}, where an aligned face is square")
    return width


def decode_picture(picture: bytes) -> NDArray[np.uint8]:
    """(H, W, 3) RGB of a JPEG or PNG file, as it is stored.

    Raises:
        ValueError: neither, damaged, or larger than 4096 pixels a side.
    """
    width, height = picture_size(picture)
    if not 1 <= max(width, height) <= MAX_SIDE:
        raise ValueError(f"the picture is {width}x{height}: at most {MAX_SIDE} pixels a side are read")
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(picture, np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise ValueError("the picture cannot be decoded")
    return np.asarray(pixels, np.uint8)
