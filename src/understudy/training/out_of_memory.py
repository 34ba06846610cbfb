"""Telling want of memory from other faults."""

import torch


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device, or the computer, had no memory left for a tensor."""
    # The CPU's allocator has no exception of its own.
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)
