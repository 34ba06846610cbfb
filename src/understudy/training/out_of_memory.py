"""Telling want of memory from other faults."""

import torch

# The CPU's allocators have no exception of their own, nor has its library of kernels, which says no more than that it
# cannot. If that is for another reason, a single face will fail too, and the user hears the library's word.
_WORDS = (
    "can't allocate memory",  # Unix
    "not enough memory",  # Windows
    "bad_alloc",
    "bad allocation",
    "could not create a primitive",
    "could not execute a primitive",
    "STATUS_ALLOC_FAILED",  # cuBLAS and cuDNN
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device, or the computer, had no memory left for a tensor."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
