"""Ctrl-C as a request instead of an explosion."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupt_sets(stop: threading.Event, *, insisting: bool = True) -> Iterator[None]:
    """Within, the first Ctrl-C (or SIGTERM) sets `stop`; the second one interrupts as usual, if `insisting` may.

    One of many processes is told once by the terminal and once by what started it, and must not take that for two.

    Outside of the main thread, where Python delivers no signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def request(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set() and insisting:
            raise KeyboardInterrupt
        stop.set()

    watched = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, request) for number in watched}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
