"""Reads the weight files of DeepFaceLab 2, which are pickles of a dict of arrays, without unpickling.

A pickle is a program for a small stack machine. This one knows the dozen and a half instructions that such a dict needs
and builds strings, numbers, tuples and plain arrays; every other instruction, and every name that is not numpy's own
array plumbing, is refused before anything runs.
"""

import math
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError

MAX_BYTES = 4 << 30
_MARK = object()
_DTYPES = {
    f"{kind}{size}" for kind, sizes in {"f": "248", "i": "1248", "u": "1248", "b": "1"}.items() for size in sizes
}


class _RefusedError(Exception):
    """The program is not one that builds a dict of arrays."""


@dataclass
class _Dtype:
    """Stands for `numpy.dtype`: a number type, its byte order filled in by `build`."""

    code: str
    order: str = "<"

    def build(self, state: Any) -> None:
        if not (isinstance(state, tuple) and len(state) >= 2 and state[1] in ("<", ">", "|", "=")):
            raise _RefusedError("dtype state")
        self.order = state[1]

    def read(self, shape: Any, raw: Any, fortran: bool = False) -> NDArray[Any]:
        dtype = np.dtype(self.code).newbyteorder(">" if self.order == ">" else "<")
        if not (
            isinstance(raw, bytes)
            and isinstance(shape, tuple)
            and len(shape) <= 8
            and all(isinstance(n, int) and n >= 0 for n in shape)
            and math.prod(shape) * dtype.itemsize == len(raw)
        ):
            raise _RefusedError("array state")
        array = np.frombuffer(raw, dtype).reshape(shape, order="F" if fortran else "C")
        return array.astype(dtype.newbyteorder("="), copy=False)


@dataclass
class _Array:
    """Stands for an empty `numpy.ndarray`, filled in by `build`."""

    value: NDArray[Any] | None = None

    def build(self, state: Any) -> None:
        _, shape, dtype, fortran, raw = state
        if not isinstance(dtype, _Dtype):
            raise _RefusedError("array dtype")
        self.value = dtype.read(shape, raw, fortran=bool(fortran))


def _make_dtype(code: Any, *_: Any) -> _Dtype:
    if code not in _DTYPES:
        raise _RefusedError(f"element type {code!r}")
    return _Dtype(code)


def _make_array(*_: Any) -> _Array:
    return _Array()


def _make_scalar(dtype: Any, raw: Any) -> _Array:
    return _Array(dtype.read((), raw))


_NAMES: dict[tuple[str, str], Callable[..., Any]] = {("numpy", "dtype"): _make_dtype, ("numpy", "ndarray"): _make_array}
for _module in ("numpy.core.multiarray", "numpy._core.multiarray"):
    _NAMES[_module, "_reconstruct"] = _make_array
    _NAMES[_module, "scalar"] = _make_scalar


def load_dfl_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of one weight or optimizer file, by key, such as `down1/downs_0/conv1/weight:0`.

    Raises:
        UnderstudyError: the file is absent, over 4 GiB, damaged, or asks for anything but arrays of numbers.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnderstudyError(f"{path} is larger than {MAX_BYTES >> 30} GiB: it is not a DeepFaceLab weight file")
        with path.open("rb") as file:
            result = _run(file)
        if not isinstance(result, dict):
            raise _RefusedError("not a dict")
        return {key: _array(value) for key, value in result.items()}
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror}") from error
    except UnderstudyError:
        raise
    except Exception as error:  # the machine trips over a malformed program in as many ways as there are programs
        raise UnderstudyError(f"{path} is not a DeepFaceLab weight file, or is damaged ({error})") from error


def _array(value: Any) -> NDArray[Any]:
    if not isinstance(value, _Array) or value.value is None:
        raise _RefusedError("a value is no array")
    return value.value


def _run(file: BinaryIO) -> Any:
    """Execute the pickle's instructions and return what it leaves on the stack."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}

    def since_mark() -> list[Any]:
        start = len(stack) - 1 - stack[::-1].index(_MARK)
        items = stack[start + 1 :]
        del stack[start:]
        return items

    argument: Any
    for opcode, argument, _ in pickletools.genops(file):
        match opcode.name:
            case "PROTO" | "FRAME":
                pass
            case "STOP":
                break
            case "MARK":
                stack.append(_MARK)
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_TUPLE":
                stack.append(())
            case "NONE":
                stack.append(None)
            case "NEWTRUE" | "NEWFALSE":
                stack.append(opcode.name == "NEWTRUE")
            case (
                "BININT" | "BININT1" | "BININT2" | "LONG1"
                | "SHORT_BINUNICODE" | "BINUNICODE"
                | "SHORT_BINBYTES" | "BINBYTES" | "BINBYTES8"
            ):  # fmt: skip
                stack.append(argument)
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = int(opcode.name[-1])
                stack[-count:] = [tuple(stack[-count:])]
            case "TUPLE":
                stack.append(tuple(since_mark()))
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "GLOBAL" | "STACK_GLOBAL":
                module, name = argument.split(" ") if opcode.name == "GLOBAL" else (stack.pop(-2), stack.pop())
                if not isinstance(module, str) or not isinstance(name, str) or (module, name) not in _NAMES:
                    raise _RefusedError(f"it asks for {str(module)[:40]}.{str(name)[:40]}")
                stack.append(_NAMES[module, name])
            case "REDUCE":
                arguments, function = stack.pop(), stack.pop()
                if not any(function is known for known in _NAMES.values()):
                    raise _RefusedError("a call of no function")
                stack.append(function(*arguments))
            case "BUILD":
                state, target = stack.pop(), stack[-1]
                if not isinstance(target, _Array | _Dtype):
                    raise _RefusedError("state for no array")
                target.build(state)
            case "SETITEM" | "SETITEMS":
                items = since_mark() if opcode.name == "SETITEMS" else [stack.pop(-2), stack.pop()]
                target, keys = stack[-1], items[::2]
                if not isinstance(target, dict) or not all(isinstance(key, str) for key in keys):
                    raise _RefusedError("a key is no text")
                target.update(zip(keys, items[1::2], strict=True))
            case _:
                raise _RefusedError(f"instruction {opcode.name}")
    (result,) = stack
    return result
