"""Masks as they are stored beside a face: small grey PNG or JPEG pictures that cover exactly the face's square."""

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_MAX_SIDE = 4096


def encode_mask(mask: NDArray[Any]) -> bytes:
    """A mask (S, S), 0..1, as an 8-bit grey PNG."""
    _, data = cv2.imencode(".png", np.rint(np.clip(mask, 0, 1) * 255).astype(np.uint8))
    return bytes(data)


def decode_mask(data: bytes, size: int) -> NDArray[np.float32]:
    """A stored mask at the face's own size.

    Mask and face cover the same square whatever their sizes, so that here, unlike elsewhere, the edges of the outermost
    pixels are what corresponds.

    Returns:
        (size, size) float32, 0..1.

    Raises:
        ValueError: no picture, or one that is damaged or larger than 4096 pixels a side.
    """
    grey: NDArray[Any] = _decode(data)
    if grey.shape != (size, size):
        shrinks = grey.shape[0] > size
        grey = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(grey, np.float32) / np.float32(255)


def check_mask(data: bytes) -> None:
    """Raises ValueError where `decode_mask` would, as far as that can be told without decoding the pixels."""
    _size(data)


def _size(data: bytes) -> tuple[int, int]:
    if not data.startswith((b"\x89PNG", b"\xff\xd8")):
        raise ValueError("the mask is neither PNG nor JPEG")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as header:
            size = header.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError("the mask is a damaged picture") from error
    if not 1 <= max(size) <= _MAX_SIDE:
        raise ValueError(f"the mask is {size[0]}x{size[1]}: at most {_MAX_SIDE} pixels a side are read")
    return size


def _decode(data: bytes) -> NDArray[np.uint8]:
    _size(data)
    grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError("the mask is a damaged picture")
    return np.asarray(grey, np.uint8)
