"""An invisible watermark of 64 bits that anyone can read, in frames and in files."""

from understudy.provenance.watermark.embedding import Embedder, embedder
from understudy.provenance.watermark.file_reading import FileReading, Second, read_file
from understudy.provenance.watermark.payload import Payload, payload_of
from understudy.provenance.watermark.reading import Reading, read_frame

__all__ = [
    "Embedder",
    "FileReading",
    "Payload",
    "Reading",
    "Second",
    "embedder",
    "payload_of",
    "read_file",
    "read_frame",
]
