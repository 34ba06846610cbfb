"""Kept pages are not asked for again, and go back to the system afterwards."""

import ctypes
import resource

import pytest
import torch

from understudy.training.allocator import kept_pages

SIZE = 64 << 20


def faults() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        torch.ones(SIZE // 4)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library")
def test_pages_are_kept_within_and_handed_back_after() -> None:
    pages = SIZE // resource.getpagesize()
    assert faults() > 3 * pages
    with kept_pages():
        faults()
        assert faults() < pages / 4
    assert faults() > 3 * pages
