"""A convolution whose training pass suits many channels on few pixels, which is what these networks are made of."""

import threading
import weakref
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.grad import conv2d_input
from torch.utils.weak import WeakTensorKeyDictionary

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
        learning = self.training and torch.is_grad_enabled()
        if x.device.type != "cpu" or not learning or pixels > _FEW * self.out_channels:
            return super().forward(x)
        if torch.is_autocast_enabled("cpu"):
            x = x.to(torch.get_autocast_dtype("cpu"))
        with torch.autocast("cpu", enabled=False):
            result: Tensor = _SmallConv.apply(x, self.weight, self.bias, self.stride[0])  # type: ignore[no-untyped-call]
        return result


class Casts:
    """Weights in another number format, each made once for all passes that want it at the same time.

    Two passes that run side by side come to a layer at about the same moment. Whatever none of them holds any more is
    gone: a copy of all weights would be a lot of memory.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Any = WeakTensorKeyDictionary()  # weight: version of it, reference to its cast

    def of(self, weight: Tensor, dtype: torch.dtype) -> Tensor:
        if weight.dtype == dtype:
            return weight
        with self._lock:
            version, made = self._made.get(weight, (None, None))
            cast = made() if version == weight._version else None  # noqa: SLF001
            if cast is None or cast.dtype != dtype:
                cast = weight.to(dtype)
                self._made[weight] = (weight._version, weakref.ref(cast))  # noqa: SLF001
            return cast


_casts = Casts()


class _SmallConv(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride = stride
        return F.conv2d(x, _casts.of(weight, x.dtype), bias.to(x.dtype), stride=stride, padding=weight.shape[-1] // 2)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        outputs, inputs, kernel, _ = weight.shape
        padding = kernel // 2
        x_gradient = None
        if ctx.needs_input_grad[0]:
            cast = _casts.of(weight, x.dtype)
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
