"""A transposed convolution that meets the map it came from."""

import torch.nn.functional as F
from torch import Tensor, nn

from understudy.models.depth_to_space import depth_to_space


class ConvTranspose2d(nn.ConvTranspose2d):
    """`torch.nn.ConvTranspose2d` of 3x3, stride 1 or 2, whose result is exactly `stride` times as large.

    (B, i, H, W) to (B, o, sH, sW). With stride 2, the library makes one row and column more at the end; they are left
    out. On a CPU it is done by an equal convolution, since the library's transposed one is many times slower in bf16.
    """

    def __init__(self, inputs: int, outputs: int, *, stride: int) -> None:
        super().__init__(inputs, outputs, 3, stride=stride, padding=2 - stride)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        height, width = (self.stride[0] * side for side in x.shape[2:])
        if x.device.type != "cpu":
            return super().forward(x, output_size)[:, :, :height, :width]
        if self.stride[0] == 1:
            return F.conv2d(x, self.weight.flip(2, 3).transpose(0, 1), self.bias, padding=1)
        # Row 2y + d of the result is made of row y by tap d and of row y - 1 by tap d + 2, of which there are three.
        inputs, outputs = self.weight.shape[:2]
        taps = F.pad(self.weight, (0, 1, 0, 1)).reshape(
            inputs, outputs, 2, 2, 2, 2
        )  # of rows: tap, d; of columns: tap, d
        phases = taps.flip(2, 4).permute(1, 3, 5, 0, 2, 4).flatten(0, 2)  # (4 o, i, 2, 2), the row before first
        bias = None if self.bias is None else self.bias.repeat_interleave(4)
        return depth_to_space(F.conv2d(F.pad(x, (1, 0, 1, 0)), phases, bias))
