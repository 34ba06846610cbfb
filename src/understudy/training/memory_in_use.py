"""How much memory is free, and how much some work takes."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

_LOOK_EVERY = 0.01  # seconds


def free_memory(device: torch.device) -> int:
    """Bytes that can still be allocated on the device; of the computer where that is the CPU.

    Systems that do not tell count as having no end of it.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        with Path("/proc/meminfo").open() as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return 1 << 62


@contextmanager
def measured_memory(device: torch.device) -> Iterator[Callable[[], int]]:
    """Within, the memory in use is watched; what is yielded tells, afterwards, how much was added at most, in bytes."""
    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        yield lambda: int(torch.cuda.max_memory_allocated(device)) - before
        return
    before, peak, done = _resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(_LOOK_EVERY):
            peak = max(peak, _resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda: max(0, peak - before)
    finally:
        done.set()
        watcher.join()


def _resident() -> int:
    """Bytes of this process in memory; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
