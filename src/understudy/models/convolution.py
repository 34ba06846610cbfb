"""A convolution whose training pass suits many channels on few pixels, which is what these networks are made of."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.grad import conv2d_input

_FEW = 3
"""Maps of at most so many pixels per output channel count as small."""
_PART = 512


class Conv2d(nn.Conv2d):
    """`torch.nn.Conv2d` with a square kernel and zeros all around; the padding is half of the kernel.

    In training on a CPU, where its result is small, the gradient of its weight is computed as one matrix product. The
    library's own kernel for it is laid out for large pictures: on the 6 and 12 pixel maps of these networks it runs
    three times slower, and hands back the gradient in an order that costs two more passes over the weight.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride=stride, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        pixels = len(x) * (x.shape[2] // self.stride[0]) * (x.shape[3] // self.stride[1])
        if x.device.type != "cpu" or not self.training or pixels > _FEW * self.out_channels:
            return super().forward(x)
        if torch.is_autocast_enabled("cpu"):
            x = x.to(torch.get_autocast_dtype("cpu"))
        with torch.autocast("cpu", enabled=False):
            result: Tensor = _SmallConv.apply(x, self.weight, self.bias, self.stride[0])  # type: ignore[no-untyped-call]
        return result


class _SmallConv(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(x, weight)  # as it is: a copy in half precision of all weights is a lot of memory
        ctx.stride = stride
        return F.conv2d(x, weight.to(x.dtype), bias.to(x.dtype), stride=stride, padding=weight.shape[-1] // 2)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        outputs, inputs, kernel, _ = weight.shape
        padding = kernel // 2
        x_gradient = None
        if ctx.needs_input_grad[0]:
            cast = weight.to(x.dtype)
            x_gradient = conv2d_input(x.shape, cast, gradient, ctx.stride, padding)  # type: ignore[no-untyped-call]
            del cast
        padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, padding, padding, padding, padding))
        windows = padded.unfold(1, kernel, ctx.stride).unfold(2, kernel, ctx.stride)  # (B, H, W, inputs, k, k)
        columns = windows.permute(0, 1, 2, 4, 5, 3).reshape(-1, kernel * kernel * inputs)
        rows = gradient.permute(0, 2, 3, 1).reshape(-1, outputs)
        product = torch.empty(outputs, kernel, kernel, inputs)
        # Part by part: a product in half precision is read again while it is in the cache.
        for result, part in zip(torch.split(product.flatten(1), _PART), torch.split(rows.T, _PART), strict=True):
            result.copy_(part @ columns)
        return x_gradient, product.permute(0, 3, 1, 2), rows.sum(0, dtype=torch.float32), None
