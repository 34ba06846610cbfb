"""DeepFaceLab's face files: the record in a JPEG's APP15 segment, or in a PNG's `fcWp` chunk."""

from typing import Any

import cv2
import numpy as np

from understudy.facesets import jpeg_segments, png_chunks
from understudy.facesets.exchange.dfl_record import DflFace, make_record, parse_record, without_own
from understudy.facesets.face_file import encode_jpeg
from understudy.facesets.jpeg_segments import APP0, APP1, APP15, SOI, Segment, segment, segments
from understudy.facesets.metadata import FaceMetadata
from understudy.facesets.old_record import RECORD_CHUNK
from understudy.facesets.picture_pixels import decode_picture, side_of
from understudy.project.inert_pickle import RefusedPickleError, load_inert
from understudy.project.plain_pickle import dump_plain

_SEGMENT_LIMIT = 65_533
_MASK_BYTES = 50_000
_RESTART, _COMMENT = 0xDD, 0xFE
_READABLE_FRAMES = (0xC0, 0xC2)  # frame headers that the old program knows


def read_record(picture: bytes) -> Any | None:
    """The untrusted record in a JPEG or PNG file; None where it has none.

    Raises:
        ValueError: neither JPEG nor PNG, or a damaged header or record.
    """
    payload: bytes | None = None
    if picture[:2] == SOI:
        for found in segments(picture):
            if found.code == APP15:
                payload = found.body(picture)  # the last one counts
    else:
        for chunk in png_chunks.chunks(picture):
            if chunk.name == RECORD_CHUNK:
                payload = chunk.body(picture)
    if payload is None:
        return None
    try:
        return load_inert(payload)
    except RefusedPickleError as error:
        raise ValueError(f"damaged or hostile face record: {error}") from error


def read_face(picture: bytes) -> DflFace | None:
    """The face that a JPEG or PNG file describes; None where it describes none.

    Raises:
        ValueError: as `read_record`; or the record is not that of an aligned face, or the picture is no square.
    """
    record = read_record(picture)
    return None if record is None else parse_record(record, side_of(picture))


def dfl_jpeg(picture: bytes, metadata: FaceMetadata, mask: bytes | None) -> bytes:
    """A face as the JPEG that the old program reads.

    The pixels of a JPEG stay as they are unless the old reader would trip over the file. Its limits: JFIF, three
    channels, no fill bytes, restart markers or trailing data, and a record of at most 65,533 bytes. What makes the
    record too long goes in this order: what only we read, then the quality of the mask.

    Raises:
        ValueError: the picture cannot be decoded, or the polygons alone are too much for the format.
    """
    jpeg = _plain_jpeg(picture)
    record = make_record(metadata, None if mask is None else _small_mask(mask))
    payload = dump_plain(record)
    if len(payload) > _SEGMENT_LIMIT:
        payload = dump_plain(without_own(record))
    if len(payload) > _SEGMENT_LIMIT:
        raise ValueError(f"its record takes {len(payload)} bytes, and the old format has room for {_SEGMENT_LIMIT}")
    last = max((s.stop for s in segments(jpeg) if APP0 <= s.code <= APP15), default=2)
    return jpeg[:last] + segment(APP15, payload) + jpeg[last:]


def _plain_jpeg(picture: bytes) -> bytes:
    """The picture as a JPEG that the old program's strict reader can parse."""
    if picture[:2] == SOI:
        plain = jpeg_segments.without(picture, lambda found: _is_foreign(found, picture))
        if _is_readable(plain):
            return plain
    return encode_jpeg(decode_picture(picture), 100)


def _is_foreign(found: Segment, jpeg: bytes) -> bool:
    if found.code == APP0:
        return not found.body(jpeg).startswith(b"JFIF\0")
    return found.code in (APP1, APP15, _COMMENT)


def _is_readable(jpeg: bytes) -> bool:
    found = list(segments(jpeg))
    has_jfif = any(s.code == APP0 and s.body(jpeg).startswith(b"JFIF\0") for s in found)
    frames = [s.code for s in found if s.code in range(0xC0, 0xD0) and s.code not in (0xC4, 0xC8, 0xCC)]
    colors = any(s.code in _READABLE_FRAMES and s.stop - s.start > 9 and jpeg[s.start + 9] == 3 for s in found)
    restarts = any(s.code == _RESTART for s in found)
    return has_jfif and colors and len(frames) == 1 and not restarts and jpeg.find(b"\xff\xd9") == len(jpeg) - 2


def _small_mask(mask: bytes) -> bytes:
    """The mask, encoded anew where it takes more bytes than the old program's tools write."""
    if len(mask) <= _MASK_BYTES:
        return mask
    grey = cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise ValueError("the mask is damaged")
    low, high = 0, 100  # the best JPEG quality that fits lies within
    best = b""
    while low <= high:
        quality = (low + high) // 2
        data = bytes(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])
        if len(data) <= _MASK_BYTES:
            best, low = data, quality + 1
        else:
            high = quality - 1
    return best or bytes(cv2.imencode(".png", cv2.resize(grey, (128, 128), interpolation=cv2.INTER_AREA))[1])
