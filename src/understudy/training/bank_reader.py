"""Decodes the faces of a bank while training goes on: first those that a batch wants now, then all others."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from understudy.project.errors import UnderstudyError
from understudy.training.bank_file import BankFile

Decode = Callable[[int], NDArray[np.uint8]]


class BankReader:
    """Fills a `BankFile`, from threads: decoding and resampling hold no lock of Python's.

    Which faces a batch is made of never depends on what has been decoded: one that is missing is decoded at once, by
    whoever asks for it. So the outcome of a training is the same whether its bank was complete or empty when it began.

    Args:
        file: the rows to fill.
        decode: makes the row of an index.
        ahead: decode in the background what nobody has asked for yet.
    """

    def __init__(self, file: BankFile, decode: Decode, *, ahead: bool) -> None:
        self._file = file
        self._decode = decode
        self._threads = os.cpu_count() or 1
        self._demand = ThreadPoolExecutor(self._threads, "face")
        self._stop = threading.Event()
        self._error: UnderstudyError | None = None
        self._looked = 0
        self._decoded = 0
        self._started = time.monotonic()
        self._waiting = iter(range(len(file)))
        self._lock = threading.Lock()
        self._workers = [
            threading.Thread(target=self._work, name="faces", daemon=True)
            for _ in range(max(1, self._threads // 2) if ahead else 0)
        ]
        for worker in self._workers:
            worker.start()

    def ensure(self, indices: NDArray[np.int64]) -> None:
        """Return when these rows are there.

        Raises:
            UnderstudyError: a face, one of these or any other met so far, cannot be read.
        """
        if self._error is not None:
            raise self._error
        missing = [index for index in indices.tolist() if index not in self._file]
        for _ in self._demand.map(self._fill, missing):
            pass

    def complete(self) -> None:
        """Return when all rows are there.

        Raises:
            UnderstudyError: a face cannot be read.
        """
        for worker in self._workers:
            worker.join()
        self.ensure(np.arange(len(self._file)))

    def note(self) -> str:
        """How far the reading ahead has come, for a progress line; empty when there is nothing left to do."""
        if not any(worker.is_alive() for worker in self._workers) or not self._decoded:
            return ""
        left = (len(self._file) - self._looked) * (time.monotonic() - self._started) / max(1, self._looked)
        clock = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
        return f"reading faces: {self._looked / len(self._file):.0%}, {clock} left"

    def close(self) -> None:
        """End the reading ahead; what has been decoded stays."""
        self._stop.set()
        for worker in self._workers:
            worker.join()
        self._demand.shutdown()

    def _work(self) -> None:
        try:
            for index in self._next():
                if index not in self._file:
                    self._fill(index)
                    self._decoded += 1
        except UnderstudyError as error:
            self._error = error

    def _next(self) -> Iterator[int]:
        while not self._stop.is_set() and self._error is None:
            with self._lock:
                index = next(self._waiting, None)
                self._looked += index is not None
            if index is None:
                return
            yield index

    def _fill(self, index: int) -> None:
        self._file.write(index, self._decode(index))
