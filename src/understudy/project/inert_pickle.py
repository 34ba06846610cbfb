"""Reads pickles as data: numbers, text, lists, dicts and arrays are built, and nothing is ever called or imported.

A pickle is a program for a small stack machine. This machine knows the instructions that plain containers need; a name
is an entry of a fixed table or it is refused. What it builds is larger than the file by a small factor at most, and
nothing here walks what was built, so that a hostile file can waste neither memory nor time.
"""

import io
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError

Names = Mapping[tuple[str, str], Callable[..., Any]]

_CONTAINER_BYTES = 64  # of memory, for an instruction of one byte
_GROWTH = 10  # bytes of containers and marks for one of the file; 68 pairs of numbers take 6

_DTYPES = frozenset(
    f"{kind}{size}" for kind, sizes in {"f": "248", "i": "1248", "u": "1248", "b": "1"}.items() for size in sizes
)


class RefusedPickleError(Exception):
    """The program is damaged, or asks for something that plain data does not need."""


@dataclass(eq=False)
class InertArray:
    """Stands for a numpy array; `value` is read-only, in the file's own byte order, and None until it was filled."""

    value: NDArray[Any] | None = None

    def build(self, state: Any) -> None:
        _, shape, dtype, fortran, raw = state
        if not isinstance(dtype, _Dtype):
            raise RefusedPickleError("array without an element type")
        self.value = dtype.read(shape, raw, fortran=fortran is True)


@dataclass(eq=False)
class _Dtype:
    """Stands for `numpy.dtype`: a number type, its byte order filled in by `build`."""

    code: str
    order: str = "<"

    def build(self, state: Any) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) >= 2 else None
        if not isinstance(order, str) or order not in ("<", ">", "|", "="):
            raise RefusedPickleError("unknown byte order")
        self.order = order

    def read(self, shape: Any, raw: Any, *, fortran: bool = False) -> NDArray[Any]:
        dtype = np.dtype(self.code).newbyteorder(">" if self.order == ">" else "<")
        if not (
            isinstance(raw, bytes)
            and isinstance(shape, tuple)
            and len(shape) <= 8
            and all(isinstance(n, int) and 0 <= n < 1 << 40 for n in shape)
            and math.prod(shape) * dtype.itemsize == len(raw)
        ):
            raise RefusedPickleError("array whose shape is not that of its data")
        return np.frombuffer(raw, dtype).reshape(shape, order="F" if fortran else "C")


def _dtype(code: Any, *_: Any) -> _Dtype:
    if not isinstance(code, str) or code not in _DTYPES:
        raise RefusedPickleError("elements that are no plain numbers")
    return _Dtype(code)


def _empty_array(*_: Any) -> InertArray:
    return InertArray()


def _scalar(dtype: Any, raw: Any) -> InertArray:
    if not isinstance(dtype, _Dtype):
        raise RefusedPickleError("number without a type")
    return InertArray(dtype.read((), raw))


def _from_buffer(raw: Any, dtype: Any, shape: Any, order: Any) -> InertArray:
    if not isinstance(dtype, _Dtype) or not isinstance(order, str):
        raise RefusedPickleError("array without an element type")
    return InertArray(dtype.read(shape, raw, fortran=order == "F"))


def _encode(text: Any, encoding: Any) -> bytes:
    if not isinstance(text, str) or not isinstance(encoding, str) or encoding != "latin1":
        raise RefusedPickleError("bytes in an unknown encoding")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    return b""


_PLAIN: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): _dtype,
    ("numpy", "ndarray"): _empty_array,
    ("_codecs", "encode"): _encode,  # this and the next are how protocol 2 writes bytes
    ("__builtin__", "bytes"): _no_bytes,
}
for _core in ("numpy.core", "numpy._core"):
    _PLAIN[f"{_core}.multiarray", "_reconstruct"] = _empty_array
    _PLAIN[f"{_core}.multiarray", "scalar"] = _scalar
    _PLAIN[f"{_core}.numeric", "_frombuffer"] = _from_buffer


def load_inert(source: bytes | BinaryIO, *, names: Names | None = None, offset: int = 0, size: int = -1) -> Any:
    """What the pickle (protocol 2 to 5) in `source` describes, arrays as `InertArray`.

    The result may refer to one part many times, or to itself: walk it by its expected shape, not recursively.

    Args:
        source: the bytes, or an open file of which `size` bytes from `offset` on are the pickle.
        names: inert stand-ins for further classes, by module and name; they must neither keep nor do anything costly.

    Raises:
        RefusedPickleError: damage, or anything that is not plain data.
    """
    if isinstance(source, bytes):
        size = len(source)
        source = io.BytesIO(source)
    source.seek(offset)
    machine = _Machine(source, size, {**_PLAIN, **(names or {})})
    try:
        return machine.run()
    except RefusedPickleError:
        raise
    # The machine trips over a malformed program in as many ways as there are programs.
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error, MemoryError) as error:
        raise RefusedPickleError("damaged") from error


def load_inert_file(path: Any, *, most: int, what: str, names: Names | None = None) -> Any:
    """`load_inert` of a whole file of at most `most` bytes; `what` names its kind in messages.

    Raises:
        UnderstudyError: the file is absent, too large, damaged, or not plain data.
    """
    try:
        size = path.stat().st_size
        if size > most:
            raise UnderstudyError(f"{path} is larger than {most >> 20} MiB: it is not {what}")
        with path.open("rb") as file:
            return load_inert(file, names=names, size=size)
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
    except RefusedPickleError as error:
        raise UnderstudyError(f"{path} is not {what}, or is damaged ({error})") from error


class _Machine:
    """Runs one program."""

    def __init__(self, file: BinaryIO, size: int, names: Names) -> None:
        self._file = file
        self._left = size
        self._memory = _GROWTH * size + 4096  # bytes that containers and calls may still take
        self._names = names
        self._calls = frozenset(map(id, names.values()))

    def _read(self, count: int) -> bytes:
        if count > self._left:
            raise RefusedPickleError("cut off")
        self._left -= count
        data = self._file.read(count)
        if len(data) != count:
            raise RefusedPickleError("cut off")
        return data

    def _sized(self, width: int) -> bytes:
        return self._read(int.from_bytes(self._read(width), "little"))

    def _text(self, width: int) -> str:
        return self._sized(width).decode("utf-8", "surrogatepass")

    def _line(self) -> str:
        line = self._file.readline(256)
        self._left -= len(line)
        if self._left < 0 or not line.endswith(b"\n"):
            raise RefusedPickleError("cut off")
        return line[:-1].decode()

    def run(self) -> Any:  # the instructions in the order of how often they occur
        read = self._read
        stack: list[Any] = []
        marked: list[list[Any]] = []  # the stacks below each mark
        memo: dict[int, Any] = {}
        while True:
            match read(1):
                case b"G":
                    stack.append(struct.unpack(">d", read(8))[0])
                case b"\x94":
                    memo[len(memo)] = stack[-1]
                case b"q":
                    memo[read(1)[0]] = stack[-1]
                case b"r":
                    memo[int.from_bytes(read(4), "little")] = stack[-1]
                case b"]":
                    self._spend(_CONTAINER_BYTES)
                    stack.append([])
                case b"(":
                    self._spend(_CONTAINER_BYTES)
                    marked.append(stack)
                    stack = []
                case b"e":
                    items, stack = stack, marked.pop()
                    _list(stack[-1]).extend(items)
                case b"a":
                    item = stack.pop()
                    _list(stack[-1]).append(item)
                case b"h":
                    stack.append(memo[read(1)[0]])
                case b"j":
                    stack.append(memo[int.from_bytes(read(4), "little")])
                case b"K":
                    stack.append(read(1)[0])
                case b"M":
                    stack.append(int.from_bytes(read(2), "little"))
                case b"J":
                    stack.append(int.from_bytes(read(4), "little", signed=True))
                case b"\x8a":
                    stack.append(int.from_bytes(self._sized(1), "little", signed=True))
                case b"\x8c":
                    stack.append(self._text(1))
                case b"X":
                    stack.append(self._text(4))
                case b"\x8d":
                    stack.append(self._text(8))
                case b"C":
                    stack.append(self._sized(1))
                case b"B":
                    stack.append(self._sized(4))
                case b"\x8e" | b"\x96":
                    stack.append(self._sized(8))
                case b"N":
                    stack.append(None)
                case b"\x88":
                    stack.append(True)
                case b"\x89":
                    stack.append(False)
                case b"}":
                    self._spend(_CONTAINER_BYTES)
                    stack.append({})
                case b"u":
                    items, stack = stack, marked.pop()
                    _set(stack[-1], items)
                case b"s":
                    value, key = stack.pop(), stack.pop()
                    _set(stack[-1], [key, value])
                case b")":
                    stack.append(())
                case b"\x85" | b"\x86" | b"\x87" as code:
                    count = code[0] - 0x84
                    if len(stack) < count:
                        raise RefusedPickleError("damaged")
                    stack[-count:] = [tuple(stack[-count:])]
                case b"t":
                    items, stack = stack, marked.pop()
                    stack.append(tuple(items))
                case b"c":
                    stack.append(self._named(self._line(), self._line()))
                case b"\x93":
                    name, module = stack.pop(), stack.pop()
                    stack.append(self._named(module, name))
                case b"R":
                    arguments, function = stack.pop(), stack.pop()
                    stack.append(self._called(function, arguments))
                case b"b":
                    state = stack.pop()
                    if not isinstance(stack[-1], InertArray | _Dtype):
                        raise RefusedPickleError("a state for what has none")
                    stack[-1].build(state)
                case b"\x95":
                    read(8)  # the length of a frame, which only matters to buffering
                case b"\x80":
                    if read(1)[0] > 5:
                        raise RefusedPickleError("of an unknown protocol")
                case b".":
                    (result,) = stack
                    if marked:
                        raise RefusedPickleError("damaged")
                    return result
                case code:
                    raise RefusedPickleError(f"instruction 0x{code[0]:02x} has no place in plain data")

    def _named(self, module: Any, name: Any) -> Callable[..., Any]:
        if not isinstance(module, str) or not isinstance(name, str):
            raise RefusedPickleError("a name that is no text")
        try:
            return self._names[module, name]
        except KeyError:
            raise RefusedPickleError(f"it asks for {ascii(module[:40])[1:-1]}.{ascii(name[:40])[1:-1]}") from None

    def _called(self, function: Any, arguments: Any) -> Any:
        if id(function) not in self._calls or not isinstance(arguments, tuple):
            raise RefusedPickleError("a call of no known name")
        result = function(*arguments)
        self._spend(len(result) if isinstance(result, bytes) else _CONTAINER_BYTES)
        return result

    def _spend(self, memory: int) -> None:
        self._memory -= memory
        if self._memory < 0:
            raise RefusedPickleError("it unfolds to far more than it is long")


def _list(target: Any) -> list[Any]:
    if not isinstance(target, list):
        raise RefusedPickleError("items for what is no list")
    return target


def _set(target: Any, items: list[Any]) -> None:
    keys = items[::2]
    if not isinstance(target, dict) or not all(isinstance(key, str | int) for key in keys):
        raise RefusedPickleError("a key that is neither text nor number")
    target.update(zip(keys, items[1::2], strict=True))
