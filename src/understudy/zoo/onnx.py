"""Runs an ONNX file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError


class OnnxRunner:
    """An ONNX network as a function of arrays.

    Args:
        network: the .onnx file, or what is in it.
        threads: CPU threads of one call; 0: as many as there are cores.
        providers: ONNX Runtime execution providers, the preferred first.

    Raises:
        UnderstudyError: the file is not a network that this runtime can run.
    """

    def __init__(
        self, network: Path | bytes, *, threads: int = 0, providers: Sequence[str] = ("CPUExecutionProvider",)
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3  # errors alone
        try:
            model = network if isinstance(network, bytes) else str(network)
            self._session = onnxruntime.InferenceSession(model, options, providers=list(providers))
        except Exception as error:  # onnxruntime's own exceptions share no class but this
            place = "" if isinstance(network, bytes) else f" {network}"
            raise UnderstudyError(f"cannot run the model file{place}: {str(error).splitlines()[0]}") from error
        self._inputs = [tensor.name for tensor in self._session.get_inputs()]

    def __call__(self, *arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Run on one array per input, in the file's order, shape and dtype; returns one array per output."""
        return tuple(self._session.run(None, dict(zip(self._inputs, arrays, strict=True))))
