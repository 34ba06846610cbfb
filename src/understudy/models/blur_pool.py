"""Halving without aliasing."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_TAPS = {2: (1.0, 1.0), 3: (1.0, 2.0, 1.0), 4: (1.0, 3.0, 3.0, 1.0)}


class BlurPool(nn.Module):
    """Binomial filter of 2, 3 or 4 taps a side and every second pixel: (B, C, H, W) to (B, C, H/2, W/2); zeros outside.

    After Zhang 2019, "Making convolutional networks shift-invariant again".
    """

    kernel: Tensor

    def __init__(self, taps: int) -> None:
        super().__init__()
        row = torch.tensor(_TAPS[taps], device="cpu")  # it is no weight: a network on the meta device has it too
        kernel = row[:, None] * row
        self.register_buffer("kernel", (kernel / kernel.sum())[None, None], persistent=False)
        self.padding = ((taps - 1) // 2, taps // 2) * 2

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        weight = self.kernel.to(x.dtype).expand(channels, 1, -1, -1)
        return F.conv2d(F.pad(x, self.padding), weight, stride=2, groups=channels)
