"""The building blocks of the autoencoder family."""

import functools
from collections.abc import Callable
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.models.convolution import Conv2d
from understudy.models.depth_to_space import depth_to_space

Activation = Callable[[Tensor], Tensor]


def activation(slope: float, *, cosine: bool) -> Activation:
    """x cos x with `cosine`, else LeakyReLU with the given slope, which takes the place of what it is given."""
    return _x_cos_x if cosine else functools.partial(F.leaky_relu, negative_slope=slope, inplace=True)


def _x_cos_x(x: Tensor) -> Tensor:
    return x * torch.cos(x)


def pixel_norm(vector: Tensor) -> Tensor:
    """Scale each sample of (B, N) to unit mean square; in float32, since a mean over N squares overflows in half."""
    vector = vector.float()
    return vector * torch.rsqrt(vector.square().mean(1, keepdim=True) + 1e-6)


class Down(nn.Module):
    """Convolution 5x5, stride 2, and activation: (B, i, H, W) to (B, o, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int, *, cosine: bool) -> None:
        super().__init__()
        self.conv = Conv2d(inputs, outputs, 5, stride=2)
        self.activation = activation(0.1, cosine=cosine)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.conv(x))


class Up(nn.Module):
    """Convolution 3x3, activation, depth to space: (B, i, H, W) to (B, o, 2H, 2W)."""

    def __init__(self, inputs: int, outputs: int, *, cosine: bool) -> None:
        super().__init__()
        self.conv = Conv2d(inputs, 4 * outputs, 3)
        self.activation = activation(0.1, cosine=cosine)

    def forward(self, x: Tensor) -> Tensor:
        return depth_to_space(self.activation(self.conv(x)))


class Res(nn.Module):
    """Two 3x3 convolutions around a shortcut; the shape stays."""

    def __init__(self, channels: int, *, cosine: bool) -> None:
        super().__init__()
        self.conv1 = Conv2d(channels, channels, 3)
        self.conv2 = Conv2d(channels, channels, 3)
        self.activation = activation(0.2, cosine=cosine)

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(x + self.conv2(self.activation(self.conv1(x))))


class InterleavedColor(nn.Module):
    """Colour at twice the size from four convolutions, one for each pixel of a 2x2 block.

    (B, i, H, W) to logits (B, 3, 2H, 2W). `convs` make, in order, the pixels (2y, 2x), (2y, 2x+1), (2y+1, 2x) and
    (2y+1, 2x+1); the first one is 1x1, the others 3x3.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(Conv2d(inputs, 3, kernel) for kernel in (1, 3, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        # One convolution with twelve outputs reads the features once instead of four times.
        convs = cast("list[Conv2d]", self.convs)
        corner, *others = (conv.weight for conv in convs)
        kernels = [F.pad(corner, (1, 1, 1, 1)), *others]
        weight = torch.stack(kernels, 1).flatten(0, 1)  # (3 * 4, i, 3, 3), colour first, as depth_to_space wants it
        bias = torch.stack([cast(Tensor, conv.bias) for conv in convs], 1).flatten()
        return depth_to_space(F.conv2d(x, weight, bias, padding=1))
