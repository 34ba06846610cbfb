"""A PNG file as a list of chunks (ISO/IEC 15948)."""

import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_END = len(SIGNATURE) + 25  # the signature and IHDR, which comes first and has one length


class Chunk(NamedTuple):
    """`png[start:stop]` with its name; the body lies between the name and the checksum."""

    name: bytes
    start: int
    stop: int

    def body(self, png: bytes) -> bytes:
        return png[self.start + 8 : self.stop - 4]


def chunks(png: bytes) -> Iterator[Chunk]:
    """The chunks up to the end of the file or of what is there of it.

    Raises:
        ValueError: no PNG file.
    """
    if png[:8] != SIGNATURE or png[12:16] != b"IHDR":
        raise ValueError("not a PNG file")
    at = len(SIGNATURE)
    while at + 12 <= len(png):
        stop = at + 12 + int.from_bytes(png[at : at + 4], "big")
        if stop > len(png):
            return
        yield Chunk(png[at + 4 : at + 8], at, stop)
        at = stop


def chunk(name: bytes, body: bytes) -> bytes:
    """The bytes of a new chunk."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def without(png: bytes, is_unwanted: Callable[[Chunk], bool]) -> bytes:
    """The file without some of its chunks.

    Raises:
        ValueError: as `chunks`.
    """
    kept, end = bytearray(SIGNATURE), len(SIGNATURE)
    for found in chunks(png):
        if not is_unwanted(found):
            kept += png[found.start : found.stop]
        end = found.stop
    return bytes(kept) + png[end:]


def picture_size(png: bytes) -> tuple[int, int]:
    """Width and height.

    Raises:
        ValueError: as `chunks`.
    """
    if png[:8] != SIGNATURE or png[12:16] != b"IHDR" or len(png) < HEADER_END:
        raise ValueError("not a PNG file")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
