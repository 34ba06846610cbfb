"""The header of a JPEG file as a list of segments (ITU-T T.81, annex B)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

SOI = b"\xff\xd8"
APP0, APP1, APP15 = 0xE0, 0xE1, 0xEF
_SOS = 0xDA
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Segment(NamedTuple):
    """`jpeg[start:stop]` with its marker; the body follows marker and length."""

    code: int
    start: int
    stop: int

    def body(self, jpeg: bytes) -> bytes:
        return jpeg[self.start + 4 : self.stop]


def segments(jpeg: bytes) -> Iterator[Segment]:
    """The segments before the picture data, found one by one, so that what is asked for may precede damage.

    Raises:
        ValueError: no JPEG file, or a damaged or cut off header.
    """
    if jpeg[:2] != SOI:
        raise ValueError("not a JPEG file")
    at = 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise ValueError("damaged JPEG header")
        code = jpeg[at + 1]
        if code == 0xFF:  # a fill byte
            at += 1
            continue
        if code == _SOS:
            return
        stop = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if stop < at + 4 or stop > len(jpeg):
            raise ValueError("the JPEG header is cut off")
        yield Segment(code, at, stop)
        at = stop
    raise ValueError("the JPEG header is cut off")


def segment(code: int, body: bytes) -> bytes:
    """The bytes of a new segment; `body` is at most 65,533 bytes."""
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


def without(jpeg: bytes, is_unwanted: Callable[[Segment], bool]) -> bytes:
    """The file without some of its segments, and without fill bytes between them.

    Raises:
        ValueError: as `segments`.
    """
    kept, end = bytearray(jpeg[:2]), 2
    for found in segments(jpeg):
        if not is_unwanted(found):
            kept += jpeg[found.start : found.stop]
        end = found.stop
    return bytes(kept) + jpeg[end:]


def picture_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height.

    Raises:
        ValueError: as `segments`, or no frame header.
    """
    for found in segments(jpeg):
        if found.code in _FRAME_HEADERS and found.stop - found.start >= 9:
            body = found.body(jpeg)
            return int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
    raise ValueError("the JPEG header does not tell the picture's size")
