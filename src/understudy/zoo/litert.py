"""Runs a LiteRT (TensorFlow Lite) file."""

import os
import warnings
from collections.abc import Iterator, Sequence
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
        shape: of the first input, for a network that takes other sizes than the file's.
        inner: names of tensors inside the network to return in place of its outputs.

    Raises:
        UnderstudyError: the file is not a network that this runtime can run, in this shape, with these tensors.
    """

    def __init__(
        self, path: Path, *, threads: int = 1, shape: Sequence[int] | None = None, inner: Sequence[str] = ()
    ) -> None:
        try:
            with _quiet(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # keeping inner tensors takes memory; that is known here
                self._interpreter = Interpreter(
                    model_path=str(path), num_threads=threads, experimental_preserve_all_tensors=bool(inner)
                )
                self._inputs = [int(tensor["index"]) for tensor in self._interpreter.get_input_details()]
                if shape is not None:
                    self._interpreter.resize_tensor_input(self._inputs[0], tuple(shape))
                self._interpreter.allocate_tensors()
                self._outputs = self._indices(inner)
        except (ValueError, RuntimeError, KeyError) as error:
            raise UnderstudyError(f"cannot run the model file {path}: {str(error).splitlines()[0]}") from error

    def __call__(self, *arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Run on one array per input, in the file's order, shape and dtype.

        Returns:
            one array per output, or per inner tensor if those were asked for.
        """
        for index, array in zip(self._inputs, arrays, strict=True):
            self._interpreter.set_tensor(index, array)
        self._interpreter.invoke()
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)

    def _indices(self, inner: Sequence[str]) -> list[int]:
        if not inner:
            return [int(tensor["index"]) for tensor in self._interpreter.get_output_details()]
        named = {str(tensor["name"]): int(tensor["index"]) for tensor in self._interpreter.get_tensor_details()}
        return [named[name] for name in inner]


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
