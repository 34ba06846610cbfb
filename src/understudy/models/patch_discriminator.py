"""The discriminator of the GAN: is the patch around this pixel from a photo or from a decoder?"""

import functools
import math
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.models.convolution import Conv2d
from understudy.models.initialization import initialize
from understudy.models.transposed_convolution import ConvTranspose2d
from understudy.project.errors import UnderstudyError

MOST_LAYERS = 9


def receptive_field(strides: tuple[int, ...]) -> int:
    """Side in pixels of what one output of a stack of 3x3 convolutions with these strides sees."""
    return 1 + 2 * sum(math.prod(strides[:i]) for i in range(len(strides)))


def patch_strides(patch_size: int, resolution: int) -> tuple[int, ...]:
    """The strides whose receptive field is nearest to `patch_size`; of two equally near, the smaller field.

    Lists have one to nine layers of stride 1 or 2, the first of which is 2. Of lists with one field, the shortest is
    taken, then that with more strides of 2, then that with the later ones. Only lists whose product divides
    `resolution` are considered: the discriminator's way up must meet its way down.

    Raises:
        UnderstudyError: the resolution is odd.
    """
    if resolution % 2:
        raise UnderstudyError(f"a GAN needs an even resolution, not {resolution}")
    lists = _usable_strides(math.gcd(resolution, 2**MOST_LAYERS))
    return lists[min(lists, key=lambda field: (abs(field - patch_size), field))]


@functools.cache
def _usable_strides(power: int) -> dict[int, tuple[int, ...]]:
    """The best list for every receptive field, of those whose product divides `power`."""

    def rank(strides: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
        return len(strides), -sum(strides), tuple(-stride for stride in strides[::-1])

    best: dict[int, tuple[int, ...]] = {}
    for layers in range(MOST_LAYERS):
        for others in product((2, 1), repeat=layers):
            strides = (2, *others)
            if power % math.prod(strides) == 0:
                field = receptive_field(strides)
                best[field] = min(best.get(field, strides), strides, key=rank)
    return best


class PatchDiscriminator(nn.Module):
    """A small U-Net that judges (B, 3, S, S) RGB pictures, 0..1, twice.

    Its results are logits: at the deepest level (B, 1, S / product of strides, ...), and for every pixel (B, 1, S, S).

    Args:
        resolution: side S of the pictures.
        patch_size: side of the patches judged in the middle, which chooses the strides.
        dims: channels at full size; doubled with each layer, up to 512.
    """

    def __init__(self, *, resolution: int, patch_size: int, dims: int) -> None:
        super().__init__()
        self.patch_size = patch_size
        self.strides = patch_strides(patch_size, resolution)
        widths = [min(dims * 2**level, 512) for level in range(len(self.strides) + 1)]
        levels = list(zip(widths, widths[1:], self.strides, strict=False))
        self.in_conv = Conv2d(3, widths[0], 1)
        self.convs = nn.ModuleList(Conv2d(low, high, 3, stride=stride) for low, high, stride in levels)
        self.center_out = Conv2d(widths[-1], 1, 1)
        self.center_conv = Conv2d(widths[-1], widths[-1], 1)
        self.upconvs = nn.ModuleList(  # the deepest first; all others take a skip connection too
            ConvTranspose2d(high if i == 0 else 2 * high, low, stride=stride)
            for i, (low, high, stride) in enumerate(reversed(levels))
        )
        self.out_conv = Conv2d(2 * widths[0], 1, 1)
        initialize(self)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        x = F.leaky_relu(self.in_conv(images), 0.2)
        skips = []
        for conv in self.convs:
            skips.append(x)
            x = F.leaky_relu(conv(x), 0.2)
        center: Tensor = self.center_out(x)
        x = F.leaky_relu(self.center_conv(x), 0.2)
        for upconv, skip in zip(self.upconvs, reversed(skips), strict=True):
            x = torch.cat([skip, F.leaky_relu(upconv(x), 0.2)], 1)
        full: Tensor = self.out_conv(x)
        return center.float(), full.float()
