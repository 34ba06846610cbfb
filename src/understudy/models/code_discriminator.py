"""The true-face discriminator: is this the code of a src face or of a dst face?"""

import torch.nn.functional as F
from torch import Tensor, nn

from understudy.models.convolution import Conv2d
from understudy.models.initialization import initialize


class CodeDiscriminator(nn.Module):
    """Codes (B, channels, side, side) to a map of logits (B, 1, h, w); one stride-2 convolution more for each 8 pixels.

    Args:
        channels, side: of the codes, see `SwapNetwork.true_face_shape`.
    """

    def __init__(self, *, channels: int, side: int) -> None:
        super().__init__()
        widths = [256 * min(2**i, 8) for i in range(1 + side // 8)]
        self.convs = nn.ModuleList(
            Conv2d(inputs, outputs, 4 if i == 0 else 3, stride=2)
            for i, (inputs, outputs) in enumerate(zip([channels, *widths], widths, strict=False))
        )
        self.out_conv = Conv2d(widths[-1], 1, 1)
        initialize(self)

    def forward(self, code: Tensor) -> Tensor:
        for conv in self.convs:
            code = F.leaky_relu(conv(code), 0.1)
        logits: Tensor = self.out_conv(code)
        return logits.float()
