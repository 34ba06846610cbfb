"""The old program's record in a face file: where it lies, and when it no longer tells the truth."""

from understudy.facesets import jpeg_segments, png_chunks
from understudy.facesets.jpeg_segments import APP15, SOI

RECORD_CHUNK = b"fcWp"


def has_record(picture: bytes) -> bool:
    """Whether a JPEG or PNG file holds DeepFaceLab's record.

    Raises:
        ValueError: neither JPEG nor PNG, or a damaged header.
    """
    if picture[:2] == SOI:
        return any(found.code == APP15 for found in jpeg_segments.segments(picture))
    return any(found.name == RECORD_CHUNK for found in png_chunks.chunks(picture))


def without_record(picture: bytes) -> bytes:
    """The picture without it.

    Raises:
        ValueError: as `has_record`.
    """
    if picture[:2] == SOI:
        return jpeg_segments.without(picture, lambda found: found.code == APP15)
    return png_chunks.without(picture, lambda found: found.name == RECORD_CHUNK)
