"""A second, independent reader of DeepFaceLab's files: as strict as the old program, and with Python's own unpickler.

It shares no code with the package. It unpickles, so it is only ever given files that a test has just written.
"""

import enum
import io
import pickle
import struct
from typing import Any

import numpy as np


class SampleType(enum.IntEnum):
    IMAGE, FACE = 0, 1


class FaceType(enum.IntEnum):
    HALF, MID, FULL, WHOLE, HEAD = 0, 1, 2, 4, 10


class _Unpickler(pickle.Unpickler):
    """Knows the names that NumPy 1 and the old program know, and no newer ones."""

    known = {  # noqa: RUF012
        ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
        ("numpy.core.multiarray", "scalar"): np._core.multiarray.scalar,  # type: ignore[attr-defined]
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("samplelib.Sample", "SampleType"): SampleType,
        ("facelib.FaceType", "FaceType"): FaceType,
    }

    def find_class(self, module: str, name: str) -> Any:
        return self.known[module, name]


def unpickle(data: bytes) -> Any:
    assert data[:1] == b"\x80"
    assert data[1] <= 3, "Python 3.6 reads protocol 4, but the official builds write 3"
    return _Unpickler(io.BytesIO(data)).load()


def unpickle_weights(data: bytes) -> dict[str, Any]:
    assert data[:2] == b"\x80\x04", "weight and data files are of protocol 4"
    loaded = _Unpickler(io.BytesIO(data)).load()
    assert isinstance(loaded, dict)
    return loaded


def read_jpeg(data: bytes) -> tuple[dict[str, Any], tuple[int, int]]:
    """The record of a face file, and the picture's height and width; asserts what the old parser takes for granted."""
    assert data[:2] == b"\xff\xd8"
    assert data[2:4] == b"\xff\xe0"
    assert data[6:11] == b"JFIF\0"
    record, shape, after_app, seen = None, None, False, []
    at = 2
    while True:
        assert data[at] == 0xFF
        code, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        body = data[at + 4 : at + 2 + length]
        seen.append(code)
        assert code != 0xDD, "the old parser trips over restart intervals"
        assert not (0xE0 <= code <= 0xEF and after_app), "application segments come first"
        after_app = after_app or not 0xE0 <= code <= 0xEF
        if code == 0xEF:
            assert record is None, "one record"
            assert len(body) <= 65_533
            record = unpickle(body)
        if code in (0xC0, 0xC2):
            _, height, width, channels = struct.unpack(">BHHB", body[:6])
            assert channels == 3
            shape = (height, width)
        at += 2 + length
        if code == 0xDA:
            break
    assert data.index(b"\xff\xd9", at) == len(data) - 2, "nothing follows the end marker"
    assert record is not None
    assert shape is not None
    return record, shape


def read_pak(data: bytes) -> list[tuple[dict[str, Any], bytes]]:
    """Index entry and file of every member of a faceset.pak."""
    version, length = struct.unpack("<QQ", data[:16])
    assert version == 1
    index = unpickle(data[16 : 16 + length])
    start = 16 + length
    table = struct.unpack(f"<{len(index) + 1}Q", data[start : start + 8 * (len(index) + 1)])
    start += 8 * (len(index) + 1)
    return [(entry, data[start + table[i] : start + table[i + 1]]) for i, entry in enumerate(index)]
