"""A track that says in the container what a screen is told about HDR pictures.

PyAV sets such side data of an output stream only by copying an input stream's. So an input stream is made that has
them: the head of a Matroska file without a single picture.
"""

import io
import struct

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from understudy.media.hdr import HdrMetadata

_CODEC_IDS = {  # Matroska's
    "h264": "V_MPEG4/ISO/AVC",
    "h265": "V_MPEGH/ISO/HEVC",
    "av1": "V_AV1",
    "prores": "V_PRORES",
    "ffv1": "V_FFV1",
}
HDR_SUFFIXES = frozenset({".mp4", ".mov", ".mkv"})


def add_hdr_stream(output: OutputContainer, codec: str, width: int, height: int, hdr: HdrMetadata) -> VideoStream:
    """Add a video stream to `output`, which is `.mp4`, `.mov` or `.mkv`; packets come from an encoder beside it.

    The stream's own codec context encodes nothing: it only has to be told what the encoder's says.
    """
    with av.open(io.BytesIO(_head(_CODEC_IDS[codec], width, height, hdr))) as head:
        return output.add_stream_from_template(head.streams.video[0], opaque=True)


def _head(codec_id: str, width: int, height: int, hdr: HdrMetadata) -> bytes:
    """A Matroska file (RFC 9559) of one video track and an empty cluster."""
    colour = b""
    if hdr.light is not None:
        colour += _element(0x55BC, _whole(hdr.light[0])) + _element(0x55BD, _whole(hdr.light[1]))
    if hdr.display is not None:
        darkest, brightest = hdr.display.nits
        numbers = (*hdr.display.points, brightest, darkest)
        colour += _element(
            0x55D0, b"".join(_element(0x55D1 + n, struct.pack(">d", value)) for n, value in enumerate(numbers))
        )
    video = _element(0xB0, _whole(width)) + _element(0xBA, _whole(height)) + _element(0x55B0, colour)
    number, uid, kind = (_element(name, b"\x01") for name in (0xD7, 0x73C5, 0x83))
    track = _element(0xAE, number + uid + kind + _element(0x86, codec_id.encode()) + _element(0xE0, video))
    info = _element(0x1549A966, _element(0x2AD7B1, _whole(1_000_000)))
    cluster = _element(0x1F43B675, _element(0xE7, _whole(0)))
    segment = _element(0x18538067, info + _element(0x1654AE6B, track) + cluster)
    return _element(0x1A45DFA3, _element(0x4282, b"matroska") + _element(0x4287, _whole(4))) + segment


def _element(name: int, content: bytes) -> bytes:
    size = len(content) | 1 << 56  # the long form of eight bytes
    return name.to_bytes((name.bit_length() + 7) // 8) + size.to_bytes(8) + content


def _whole(value: int) -> bytes:
    return value.to_bytes(8)
