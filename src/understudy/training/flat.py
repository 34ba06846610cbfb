"""Tensors as rows of numbers, in the order of memory, whatever their layout."""

from collections.abc import Sequence

import torch
from torch import Tensor


def flat(tensor: Tensor) -> Tensor:
    """A view (N,) of a tensor without gaps."""
    return tensor.as_strided((tensor.numel(),), (1,))


def pieces_of(tensor: Tensor, size: int) -> Sequence[Tensor]:
    """Flat views of `size` numbers each, the last of fewer."""
    return torch.split(flat(tensor), size)


def like(model: Tensor, tensor: Tensor) -> Tensor:
    """`tensor` in the layout of `model`, of the same shape; itself where it has that."""
    return tensor if tensor.stride() == model.stride() else torch.empty_like(model).copy_(tensor)
