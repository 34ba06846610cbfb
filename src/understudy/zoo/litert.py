"""Runs a LiteRT (TensorFlow Lite) file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError


class LiteRtRunner:
    """A LiteRT network as a function of arrays, on the CPU. Not for use by two threads at once.

    Args:
        path: the .tflite file.
        threads: CPU threads of one call.

    Raises:
        UnderstudyError: the file is not a network that this runtime can run.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        try:
            with _quiet():
                self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise UnderstudyError(f"cannot run the model file {path}: {str(error).splitlines()[0]}") from error
        self._inputs = [int(tensor["index"]) for tensor in self._interpreter.get_input_details()]
        self._outputs = [int(tensor["index"]) for tensor in self._interpreter.get_output_details()]

    def __call__(self, *arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Run on one array per input, in the file's order, shape and dtype; returns one array per output."""
        for index, array in zip(self._inputs, arrays, strict=True):
            self._interpreter.set_tensor(index, array)
        self._interpreter.invoke()
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the runtime's greeting, which it writes to the process's standard error with no switch, off the terminal."""
    try:
        saved = os.dup(2)
    except OSError:  # a windowed program has no standard error
        yield
        return
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)
        os.close(silence)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
