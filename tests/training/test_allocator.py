"""Kept pages are not asked for again, and go back to the system afterwards.

Measured in a process of its own: what other tests left on the heap decides which pages an allocation meets.
"""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

_MEASURE = """
import resource
import sys
from pathlib import Path

import torch

import understudy.training.session  # what a training has on its heap, among which small pieces find room
from understudy.training.allocator import kept_pages

SIZE = 64 << 20
PAGE = resource.getpagesize()
torch.set_num_threads(1)


def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.ones(SIZE // 4)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


faults()
with kept_pages():
    faults()
    again, kept = faults(), resident()
print(again * PAGE / SIZE, (kept - resident()) / SIZE)
"""


_COUNT_HEAPS = """
import ctypes
import os
import threading

from understudy.training.allocator import kept_pages

barrier = threading.Barrier(4)


def allocate():
    barrier.wait()  # all are alive at once: none takes over what an earlier one has left
    bytearray(1 << 20)


library = ctypes.CDLL(None)
library.malloc_stats()
os.write(2, b"|")
with kept_pages():
    threads = [threading.Thread(target=allocate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
library.malloc_stats()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="another C library")
def test_threads_share_the_heaps_that_there_are() -> None:
    command = [sys.executable, "-c", _COUNT_HEAPS]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent).stderr
    before, after = (text.count("Arena ") for text in told.split("|"))
    assert after == before > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library")
def test_pages_are_kept_within_and_handed_back_after() -> None:
    command = [sys.executable, "-c", _MEASURE]
    output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent).stdout
    asked_again, handed_back = map(float, output.split())
    assert asked_again < 0.25
    assert handed_back > 0.75
