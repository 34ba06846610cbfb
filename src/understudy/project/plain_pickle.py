"""Writes plain data as a pickle, in words that the old program's Python 3.6 and NumPy 1 understand."""

import struct
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Member:
    """A member of one of the old program's enumerations, by class and value."""

    module: str
    name: str
    value: int


def dump_plain(value: Any, *, protocol: Literal[3, 4] = 3) -> bytes:
    """A pickle of None, numbers, text, bytes, lists, tuples, dicts, numeric arrays and their scalars, and `Member`.

    Raises:
        TypeError: anything else.
    """
    out = bytearray((0x80, protocol))
    _write(out, value)
    out += b"."
    return bytes(out)


def _write(out: bytearray, value: Any) -> None:
    match value:
        case None:
            out += b"N"
        case bool():
            out += b"\x88" if value else b"\x89"
        case int():
            _write_int(out, value)
        case float():
            out += b"G" + struct.pack(">d", value)
        case str():
            text = value.encode("utf-8", "surrogatepass")
            out += b"X" + len(text).to_bytes(4, "little") + text
        case bytes():
            out += b"B" + len(value).to_bytes(4, "little") + value
        case list() | tuple():
            out += b"](" if isinstance(value, list) else b"("
            for item in value:
                _write(out, item)
            out += b"e" if isinstance(value, list) else b"t"
        case dict():
            out += b"}("
            for key, item in value.items():
                _write(out, key)
                _write(out, item)
            out += b"u"
        case np.ndarray():
            _write_array(out, value)
        case np.generic():
            out += b"cnumpy.core.multiarray\nscalar\n("
            _write_dtype(out, value.dtype)
            _write(out, np.asarray(value, value.dtype.newbyteorder("<")).tobytes())
            out += b"tR"
        case Member():
            out += f"c{value.module}\n{value.name}\n".encode()
            _write(out, (value.value,))
            out += b"R"
        case _:
            raise TypeError(f"no plain data: {type(value).__name__}")


def _write_int(out: bytearray, value: int) -> None:
    if -(2**31) <= value < 2**31:
        out += b"J" + value.to_bytes(4, "little", signed=True)
    else:
        digits = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
        out += b"\x8a" + bytes((len(digits),)) + digits


def _write_array(out: bytearray, array: NDArray[Any]) -> None:
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    out += b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
    _write(out, (0,))
    _write(out, b"b")
    out += b"\x87R("
    _write(out, 1)
    _write(out, array.shape)
    _write_dtype(out, array.dtype)
    _write(out, False)
    _write(out, little.tobytes())
    out += b"tb"


def _write_dtype(out: bytearray, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "fiub":
        raise TypeError(f"no numbers: {dtype}")
    out += b"cnumpy\ndtype\n"
    _write(out, (f"{dtype.kind}{dtype.itemsize}", False, True))
    out += b"R"
    _write(out, (3, "|" if dtype.itemsize == 1 else "<", None, None, None, -1, -1, 0))
    out += b"b"
