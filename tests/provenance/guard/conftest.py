"""A network that takes red for explicit, in place of the guard's own file: no explicit picture is used or made.

Only the file is another: the catalogue's entry, the runner, the sampling and the session around it are the real ones.
"""

import hashlib
import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from understudy import zoo

BREAST = 3
"""Number of the class whose score is how red the picture is, 0..1."""


@pytest.fixture
def red_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, in a cache of its own; the face detector's entry is left out of that catalogue."""
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path / "cache"))
    content = _network().SerializeToString()
    entry = next(file for file in zoo.catalogue() if file.name == zoo.GUARD)
    fake = replace(entry, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    monkeypatch.setattr(importlib.import_module("understudy.zoo.catalogue"), "_FILES", (fake,))
    path = tmp_path / "cache" / fake.filename
    path.parent.mkdir()
    path.write_bytes(content)
    return path


def _network() -> onnx.ModelProto:
    """(1, 3, H, W) to (1, 22, 1): one proposal, whose score is the mean of red less the mean of green."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["means"], axes=[2, 3], keepdims=0),  # (1, 3)
        helper.make_node("MatMul", ["means", "weights"], ["scores"]),  # (1, 18)
        helper.make_node("Concat", ["box", "scores"], ["row"], axis=1),  # (1, 22)
        helper.make_node("Unsqueeze", ["row", "last"], ["output0"]),
    ]
    weights = np.zeros((3, 18), np.float32)
    weights[:2, BREAST] = 1, -1
    constants = {
        "weights": weights,
        "box": np.array([[32, 32, 16, 8]], np.float32),
        "last": np.array([2], np.int64),
    }
    graph = helper.make_graph(
        nodes,
        "red",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 22, 1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
