"""Runners are functions of arrays, and say clearly when a file is not a network."""

from pathlib import Path

import numpy as np
import pytest

from understudy import zoo
from understudy.project.errors import UnderstudyError

# An ONNX graph of two float32 inputs of shape (2,), whose outputs are their difference and their sum.
DIFFERENCE_AND_SUM = bytes.fromhex(
    "08073a670a0e0a01610a016212016322035375620a0e0a01610a016212016422034164641201675a0f0a0161120a0a08080112040a020802"
    "5a0f0a0162120a0a08080112040a020802620f0a0163120a0a08080112040a020802620f0a0164120a0a08080112040a02080242040a0010"
    "0d"
)


def test_onnx_takes_and_gives_arrays_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "graph.onnx"
    file.write_bytes(DIFFERENCE_AND_SUM)
    difference, total = zoo.OnnxRunner(file, threads=1)(np.float32([5, 7]), np.float32([1, 2]))
    assert difference.tolist() == [4, 5]
    assert total.tolist() == [6, 9]


def test_litert_results_outlive_the_next_call(tmp_path: Path) -> None:
    try:
        network = zoo.LiteRtRunner(zoo.fetch("face-mesh"))
    except UnderstudyError as error:
        pytest.skip(str(error))
    grey = np.full((1, 192, 192, 3), 0.5, np.float32)
    first = network(grey)
    kept = [array.copy() for array in first]
    network(np.zeros_like(grey))
    again = network(grey)
    for array, before, after in zip(first, kept, again, strict=True):
        assert np.array_equal(array, before)
        assert np.array_equal(after, before)


@pytest.mark.parametrize("runner", [zoo.LiteRtRunner, zoo.OnnxRunner])
@pytest.mark.parametrize("content", [b"", b"not a network" * 99])
def test_a_file_that_is_no_network_is_named(
    runner: type[zoo.LiteRtRunner | zoo.OnnxRunner], content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "broken.model"
    file.write_bytes(content)
    with pytest.raises(UnderstudyError, match=r"broken\.model") as failure:
        runner(file)
    assert "\n" not in str(failure.value)


def test_litert_shows_what_is_inside_in_another_shape() -> None:
    try:
        file = zoo.fetch("face-mesh")
    except UnderstudyError as error:
        pytest.skip(str(error))
    (first,) = zoo.LiteRtRunner(file, shape=(1, 256, 192, 3), inner=["p_re_lu_1"])(
        np.ones((1, 256, 192, 3), np.float32)
    )
    assert first.shape == (1, 128, 96, 16)
    with pytest.raises(UnderstudyError, match="no such tensor"):
        zoo.LiteRtRunner(file, inner=["no such tensor"])
