"""The paper's DFHD and LIAEHD: an encoder of four parallel views, and decoders with shortcuts at twice the size."""

from itertools import pairwise
from typing import ClassVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.faces.face import FaceType
from understudy.models.archi import Archi, Wiring
from understudy.models.autoencoder import Inter, mask_branch
from understudy.models.initialization import initialize
from understudy.models.layers import Res, Up
from understudy.models.sizes import check_face_type, check_sizes, check_switch
from understudy.models.swap_network import Config
from understudy.models.wiring import WiredNetwork

_PLAIN = Archi("df")
_STEP = 8  # of all dims: halves and quarters of them are numbers of channels, too


class SpaceToDepth(nn.Module):
    """Convolution and space to depth: (B, i, H, W) to (B, o, H/2, W/2), `o` a multiple of four."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, dilation: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs // 4, kernel, padding=dilation * (kernel // 2), dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_unshuffle(self.conv(x), 2)


class FourViewEncoder(nn.Module):
    """(B, 3, S, S) to a flat vector (B, `length`): four stacks of halvings that see narrow, wide and dilated."""

    def __init__(self, *, resolution: int, e_dims: int) -> None:
        super().__init__()
        views = ((2 * e_dims, 3, 1), (2 * e_dims, 5, 1), (e_dims // 2, 5, 2), (e_dims // 2, 7, 2))
        self.views = nn.ModuleList(self._view(*view) for view in views)
        self.length = sum(8 * base for base, _, _ in views) * (resolution // 16) ** 2

    @staticmethod
    def _view(base: int, kernel: int, dilation: int) -> nn.Sequential:
        widths = (3, base, 2 * base, 4 * base, 8 * base)
        steps: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            steps += [SpaceToDepth(inputs, outputs, kernel, dilation=dilation), nn.LeakyReLU(0.1)]
        return nn.Sequential(*steps)

    def forward(self, images: Tensor) -> Tensor:
        return torch.cat([view(images).flatten(1) for view in self.views], 1)


class UpAndDown(nn.Module):
    """A residual block by way of twice the size: (B, c, H, W) to the same, and what it made there, (B, u, 2H, 2W)."""

    def __init__(self, channels: int, above: int) -> None:
        super().__init__()
        self.up = Up(channels, above, cosine=False)
        self.res = Res(above, cosine=False)
        self.down = SpaceToDepth(above, channels, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        side = self.res(self.up(x))
        return F.leaky_relu(x + self.down(side), 0.2), side


class ShortcutDecoder(nn.Module):
    """A code map to a face (B, 3, S, S) and its mask (B, 1, S, S), three doublings with shortcuts past each."""

    def __init__(self, *, inputs: int, d_dims: int, d_mask_dims: int) -> None:
        super().__init__()
        widths = [inputs, 8 * d_dims, 4 * d_dims, 2 * d_dims]
        pairs = list(pairwise(widths))
        self.blocks = nn.ModuleList(UpAndDown(low, high) for low, high in [*pairs, (2 * d_dims, d_dims)])
        self.ups = nn.ModuleList(Up(low, high, cosine=False) for low, high in pairs)
        self.color = nn.Conv2d(2 * d_dims, 3, 1)
        self.mask = mask_branch(_PLAIN, inputs=inputs, d_mask_dims=d_mask_dims)

    def decode_face(self, code: Tensor) -> Tensor:
        *blocks, last = cast("list[UpAndDown]", self.blocks)
        x = code
        for block, up in zip(blocks, self.ups, strict=True):
            x, side = block(x)
            x = F.leaky_relu(up(x) + side, 0.2)
        x, _ = last(x)
        return torch.sigmoid(self.color(x).float())

    def decode_mask(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.mask(code).float())


class HDNetwork(WiredNetwork):
    """What DFHD and LIAEHD share.

    Args:
        resolution: side S of input and output in pixels; a multiple of 16.
        ae_dims: numbers in the bottleneck.
        e_dims, d_dims, d_mask_dims: channels per unit of the encoder, decoder and mask decoder. All are multiples of 8.
        face_type: crop geometry that the network is trained on.
        ca_weights: begin with convolution-aware weights.

    Raises:
        UnderstudyError: a value outside of its bounds.
    """

    wiring: ClassVar[Wiring]

    def __init__(
        self,
        *,
        resolution: int = 128,
        ae_dims: int = 256,
        e_dims: int = 64,
        d_dims: int = 48,
        d_mask_dims: int = 16,
        face_type: FaceType = "full",
        ca_weights: bool = False,
    ) -> None:
        super().__init__()
        dims = {"ae_dims": ae_dims, "e_dims": e_dims, "d_dims": d_dims, "d_mask_dims": d_mask_dims}
        self._sizes = {"resolution": resolution, **dims}
        check_sizes(self._sizes, steps={"resolution": 16, **dict.fromkeys(dims, _STEP)}, what=self.kind)
        check_face_type(face_type)
        check_switch("ca_weights", ca_weights)
        self.resolution = resolution
        self.face_type: FaceType = face_type
        self.ca_weights = ca_weights
        encoder = FourViewEncoder(resolution=resolution, e_dims=e_dims)
        self.encoder = encoder

        def inter(channels: int) -> Inter:
            return Inter(_PLAIN, length=encoder.length, resolution=resolution, ae_dims=ae_dims, channels=channels)

        def decoder(inputs: int) -> ShortcutDecoder:
            return ShortcutDecoder(inputs=inputs, d_dims=d_dims, d_mask_dims=d_mask_dims)

        self.wire(self.wiring, ae_dims, inter, decoder)
        initialize(self, convolution_aware=ca_weights)

    def config(self) -> Config:
        """The constructor's arguments, as plain JSON values."""
        return {**self._sizes, "face_type": self.face_type, "ca_weights": self.ca_weights}


class DFHD(HDNetwork):
    """One inter, a decoder for each performer: keeps the likeness of src."""

    kind: ClassVar[str] = "dfhd"
    wiring: ClassVar[Wiring] = "df"


class LIAEHD(HDNetwork):
    """Two inters, one decoder for both: takes over more of dst's light."""

    kind: ClassVar[str] = "liaehd"
    wiring: ClassVar[Wiring] = "liae"
