"""Pickles are read as data, whatever protocol wrote them, and nothing in them runs, hangs or fills the memory."""

import os
import pickle
import struct
import tracemalloc
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.project.errors import UnderstudyError
from understudy.project.inert_pickle import InertArray, RefusedPickleError, load_inert, load_inert_file
from understudy.project.plain_pickle import dump_plain

_ATOMS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text() | st.binary()
_DATA = st.recursive(
    _ATOMS, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner)
)


@given(_DATA, st.integers(2, 5))
def test_reads_what_pickle_wrote(data: Any, protocol: int) -> None:
    assert load_inert(pickle.dumps(data, protocol)) == data


@given(_DATA)
def test_pickle_reads_what_the_writer_wrote(data: Any) -> None:
    written = dump_plain(data)
    assert pickle.loads(written) == data  # noqa: S301
    assert load_inert(written) == data


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3)),
        np.arange(3, dtype=">f4"),
        np.zeros((0, 2), np.float32),
        np.array([True, False]),
        np.arange(200, dtype=np.uint8),
        np.float64(1.5),
        np.int64(-7),
    ],
)
def test_reads_arrays(array: Any, protocol: int) -> None:
    found = load_inert(pickle.dumps(array, protocol))
    assert isinstance(found, InertArray)
    assert found.value is not None
    np.testing.assert_array_equal(found.value, array)
    assert found.value.dtype == array.dtype
    if isinstance(array, np.ndarray):
        again = load_inert(dump_plain(array))
        np.testing.assert_array_equal(again.value, array)


class _Calls:
    def __init__(self, function: object, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple:
        return self.call


_FANNED = b"\x80\x04]\x94" + b"(" + b"h\x00" * 10 + b"e"  # a list of ten times itself
_TREE = b"\x80\x04)" + b"".join(bytes((0x94, 0x68, n, 0x86)) for n in range(120))


@pytest.mark.parametrize(
    "program",
    [
        pickle.dumps(_Calls(os.system, "touch pwned"), 4),
        pickle.dumps(_Calls(os.system, "touch pwned"), 2),
        pickle.dumps(_Calls(eval, "open('pwned', 'w')"), 4),
        pickle.dumps(_Calls(np.load, "pwned"), 4),
        pickle.dumps(np.array([_Calls(os.system, "touch pwned")], object), 4),
        pickle.dumps(np.zeros(2, [("x", "f4")]), 4),
        pickle.dumps(Path("pwned"), 4),
        b"\x80\x02cos\nsystem\nX\x0b\x00\x00\x00touch pwned\x85R.",
        b"cos\nsystem\n(S'touch pwned'\ntR.",
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"x.",
        b"\x80\x04X\xff\xff\xff\x7fx.",
        b"\x80\x04" + b"]" * 100_000 + b".",
        b"\x80\x04" + b"(" * 100_000 + b".",
        b"\x80\x04}" + _TREE[2:] + b"Ns.",  # a key whose hash takes 2^120 steps
        b"\x80\x04cnumpy\ndtype\n" + _TREE[2:] + b"\x85R.",  # an element type that takes as long to look up
        b"\x80\x04.",
        b"\x80\x09N.",
        b"\x80\x04e.",
        b"\x80\x04R.",
        b"\x80\x04NNb.",
        b"\x80\x04h\x07.",
        b"",
    ],
)
def test_hostile_programs_are_refused_at_once(program: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tracemalloc.start()
    begin = process_time()
    try:
        with pytest.raises(RefusedPickleError) as refused:
            load_inert(program)
        assert process_time() - begin < 2
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_text_cannot_be_encoded_over_and_over() -> None:
    text = b"X" + struct.pack("<I", 100_000) + b"a" * 100_000 + b"\x94"
    call = b"c_codecs\nencode\nh\x00\x8c\x06latin1\x86R"
    with pytest.raises(RefusedPickleError, match="unfolds"):
        load_inert(b"\x80\x04" + text + call * 1000 + b".")


def test_an_array_is_never_allocated_by_its_shape() -> None:
    assert load_inert(pickle.dumps(_Calls(np.ndarray, (1 << 40,)), 4)).value is None


def test_what_refers_to_itself_is_built_and_not_walked() -> None:
    found = load_inert(_FANNED + b".")
    assert len(found) == 10
    assert all(item is found for item in found)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(RefusedPickleError):
        load_inert(b"\x80\x04" + data + b"\xff")


def test_files_are_refused_by_size_and_named(tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(dump_plain({"a": 1}))
    assert load_inert_file(path, most=1000, what="a test file") == {"a": 1}
    with pytest.raises(UnderstudyError, match=r"data\.bin is larger than"):
        load_inert_file(path, most=4, what="a test file")
    path.write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(UnderstudyError, match=r"data\.bin is not a test file.*asks for os\.system"):
        load_inert_file(path, most=1000, what="a test file")
    with pytest.raises(UnderstudyError, match="cannot read"):
        load_inert_file(tmp_path / "none", most=1000, what="a test file")
