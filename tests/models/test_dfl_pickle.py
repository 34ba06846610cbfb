"""The reader of old weight files builds arrays and runs nothing."""

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from understudy.models.dfl_pickle import load_dfl_arrays
from understudy.project.errors import UnderstudyError


def test_reads_what_pickle_wrote(tmp_path: Path) -> None:
    arrays = {
        "a/weight:0": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        "fortran": np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3)),
        "big": np.arange(3, dtype=">f4"),
        "empty": np.zeros((0, 2), np.float32),
        "iters:0": np.int64(123),
    }
    path = tmp_path / "weights.npy"
    path.write_bytes(pickle.dumps(arrays, protocol=4))
    found = load_dfl_arrays(path)
    assert found.keys() == arrays.keys()
    for key, array in arrays.items():
        np.testing.assert_array_equal(found[key], array)
        assert found[key].dtype == np.asarray(array).dtype.newbyteorder("=")


class Calls:
    def __init__(self, function: object, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple:
        return self.call


HUGE_ARRAY = pickle.dumps({"w": np.zeros(4, np.float32)}, protocol=4).replace(b"K\x04\x85", b"J\xff\xff\xff\x7f\x85")
ENDLESS_BYTES = b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"x."


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps({"w": Calls(os.system, "touch pwned")}),
        pickle.dumps({"w": Calls(eval, "open('pwned', 'w')")}),
        pickle.dumps({"w": Calls(np.load, "pwned")}),
        pickle.dumps({"w": Calls(np.ndarray, (1 << 40,))}),
        pickle.dumps({"w": np.array([Calls(os.system, "touch pwned")], object)}),
        pickle.dumps({"w": np.zeros(2, [("x", "f4")])}),
        pickle.dumps({"w": [1, 2]}),
        pickle.dumps({("w",): np.zeros(2)}),
        pickle.dumps([np.zeros(2)]),
        pickle.dumps({"w": np.zeros(2)})[:-9],
        HUGE_ARRAY,
        ENDLESS_BYTES,
        b"",
        b"\x93NUMPY\x01\x00v\x00{'descr'",
        b"cos\nsystem\n(S'touch pwned'\ntR.",
    ],
)
def test_hostile_or_damaged_files_are_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.npy"
    path.write_bytes(content)
    with pytest.raises(UnderstudyError, match=r"weights\.npy") as caught:
        load_dfl_arrays(path)
    assert "\n" not in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.npy"]


def test_absent_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="cannot read"):
        load_dfl_arrays(tmp_path / "none.npy")


def test_a_memo_number_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "weights.npy"
    path.write_bytes(b"\x80\x04}r\xff\xff\xff\x7f.")  # an empty dict, remembered as number 2^31 - 1
    assert load_dfl_arrays(path) == {}
