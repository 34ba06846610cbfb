"""What the watermark says: the version of its format and the project that made the picture, in 64 bits."""

import hashlib
import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from understudy.provenance.watermark.key import PUBLIC_KEY

FORMAT_VERSION = 1
MESSAGE_BITS = 96  # the payload's 64 and a CRC-32 of them
_BYTES = MESSAGE_BITS // 8


@dataclass(frozen=True)
class Payload:
    """The 64 bits: 8 of version, 56 that stand for the project.

    Attributes:
        project: fourteen hexadecimal digits, as `payload_of` derives them.
        version: of the watermark's format, 1 to 255.
    """

    project: str
    version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        if len(self.project) != 14 or set(self.project) - set("0123456789abcdef"):
            raise ValueError(f"a project's watermark id is fourteen hexadecimal digits, not {self.project!r}")
        if not 1 <= self.version <= 255:
            raise ValueError(f"a watermark's version is 1 to 255, not {self.version}")

    def to_bits(self) -> NDArray[np.uint8]:
        """The message, (96,) of 0 and 1: version, project and CRC-32, most significant bits first."""
        data = bytes([self.version]) + bytes.fromhex(self.project)
        data += zlib.crc32(PUBLIC_KEY + data).to_bytes(4, "big")
        return np.unpackbits(np.frombuffer(data, np.uint8))

    @classmethod
    def from_bits(cls, bits: NDArray[np.uint8]) -> Self | None:
        """The payload of a message (96,), or None where the CRC or the version says that it is none."""
        data = np.packbits(bits).tobytes()
        body, check = data[:8], data[8:_BYTES]
        if body[0] != FORMAT_VERSION or zlib.crc32(PUBLIC_KEY + body).to_bytes(4, "big") != check:
            return None
        return cls(body[1:].hex(), body[0])


def payload_of(project: str) -> Payload:
    """The payload of a project.

    The 56 bits are the first of a SHA-256, so the picture does not tell the project's id, and whoever knows the id
    can tell its pictures.

    Args:
        project: the project's id, as in `Origin.project_id` and `Mark.project`.
    """
    return Payload(hashlib.sha256(PUBLIC_KEY + b" project " + project.encode()).hexdigest()[:14])
