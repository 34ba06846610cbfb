"""The field's network that tells face from what covers it."""

from collections import OrderedDict
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.models.blur_pool import BlurPool
from understudy.models.convolution import Conv2d
from understudy.models.initialization import initialize
from understudy.models.transposed_convolution import ConvTranspose2d

SILENT = 0.1
"""Mask values below count as none."""


class FilterResponseNorm(nn.Module):
    """Each channel divided by its root mean square, scaled, shifted and bounded from below by learned numbers.

    Singh and Krishnan 2020, "Filter Response Normalization Layer", with the thresholded linear unit.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.eps = nn.Parameter(torch.full((1,), 1e-6))
        self.tau = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x.float()  # a sum of squares over a whole map overflows in half
        x = x * torch.rsqrt(x.square().mean((2, 3), keepdim=True) + self.eps.abs())
        weight, bias, tau = (values[:, None, None] for values in (self.weight, self.bias, self.tau))
        return torch.maximum(x * weight + bias, tau)


class ConvBlock(nn.Module):
    """Convolution 3x3 and filter response normalisation."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = Conv2d(inputs, outputs, 3)
        self.norm = FilterResponseNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.norm(self.conv(x))
        return result


class UpBlock(nn.Module):
    """Transposed convolution 3x3 to twice the size, and filter response normalisation."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = ConvTranspose2d(inputs, outputs, stride=2)
        self.norm = FilterResponseNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.norm(self.conv(x))
        return result


class XSeg(nn.Module):
    """Which pixels of an aligned face are face: (B, 3, 256, 256) RGB, 0..1, to logits (B, 1, 256, 256).

    A U-Net of six halvings with a dense bottleneck; skip connections carry each stage's map across.

    Attributes:
        resolution: side of input and output in pixels.
        blocks: the stages' convolutions by the names that the field's weight files give them.

    Args:
        base: channels at full size; 32 in the field's files.
    """

    resolution: ClassVar[int] = 256
    _DEPTHS: ClassVar[tuple[int, ...]] = (2, 2, 2, 3, 3, 3)
    _TAPS: ClassVar[tuple[int, ...]] = (4, 3, 2, 2, 2, 2)

    def __init__(self, *, base: int = 32) -> None:
        super().__init__()
        widths = [base, 2 * base, 4 * base, 8 * base, 8 * base, 8 * base]
        blocks: OrderedDict[str, nn.Module] = OrderedDict()
        channels = 3
        for stage, (width, depth) in enumerate(zip(widths, self._DEPTHS, strict=True)):
            for n in range(depth):
                blocks[f"conv{stage}{n + 1}"] = ConvBlock(channels if n == 0 else width, width)
            channels = width
        for stage in range(5, -1, -1):
            width, depth = widths[stage], self._DEPTHS[stage]
            raised = 4 * base if stage >= 2 else width
            blocks[f"up{stage}"] = UpBlock(channels, raised)
            for n in range(depth, 0, -1):
                blocks[f"uconv{stage}{n}"] = ConvBlock(raised + width if n == depth else width, width)
            channels = width
        self.blocks = nn.ModuleDict(blocks)
        self.pools = nn.ModuleList(BlurPool(taps) for taps in self._TAPS)
        self.dense1 = nn.Linear(4 * 4 * 8 * base, 512)
        self.dense2 = nn.Linear(512, 4 * 4 * 8 * base)
        self.out_conv = Conv2d(base, 1, 3)
        initialize(self)

    def forward(self, images: Tensor, *, skip: bool = True) -> Tensor:
        """Logits, float32; without `skip` the skip connections carry zeros, as in pretraining."""
        x, skips = images, []
        for stage, depth in enumerate(self._DEPTHS):
            for n in range(depth):
                x = self.blocks[f"conv{stage}{n + 1}"](x)
            skips.append(x if skip else torch.zeros_like(x))
            x = self.pools[stage](x)
        x = self.dense2(self.dense1(x.flatten(1))).view(x.shape)
        for stage in range(5, -1, -1):
            x = torch.cat([self.blocks[f"up{stage}"](x), skips[stage]], 1)
            for n in range(self._DEPTHS[stage], 0, -1):
                x = self.blocks[f"uconv{stage}{n}"](x)
        logits: Tensor = self.out_conv(x)
        return logits.float()

    @torch.no_grad()
    def probability(self, images: Tensor) -> Tensor:
        """How surely each pixel is face, (B, 1, S, S), 0..1, in faces (B, 3, S, S) RGB, 0..1, of any size."""
        size = images.shape[-2:]
        side = self.resolution
        if size != (side, side):
            images = F.interpolate(images, (side, side), mode="bicubic", antialias=True).clamp(0, 1)
        found = torch.sigmoid(self(images))
        if size != (side, side):
            found = F.interpolate(found, size, mode="bilinear", antialias=True)
        return found

    def mask(self, images: Tensor) -> Tensor:
        """The same, with faint values taken away."""
        found = self.probability(images)
        return torch.where(found < SILENT, 0.0, found)

    @torch.no_grad()
    def binary_mask(self, images: Tensor) -> Tensor:
        """The same, either 0 or 1: what is kept with a face."""
        return (self.mask(images) >= 0.5).to(images.dtype)
