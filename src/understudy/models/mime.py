"""Mime: one decoder for both performers and few operations at full size, for more iterations in the same time."""

from itertools import pairwise
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from understudy.faces.face import FaceType
from understudy.models.convolution import Conv2d
from understudy.models.depth_to_space import depth_to_space
from understudy.models.initialization import initialize
from understudy.models.sizes import check_face_type, check_sizes, check_switch
from understudy.models.swap_network import Config, SwapNetwork

_SLOPE = 0.2
_GROUP = 8  # channels that are normalised together
_WIDEST = 8  # units of channels of the coarsest maps
_COARSEST = 8  # pixels of a side, above which maps are halved once more
_MASK_SCALE = 4  # the mask is drawn from maps of a quarter of the size


class Residual(nn.Module):
    """Two 3x3 convolutions beside a clear path (He et al. 2016, "Identity mappings"); the shape stays."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = _norm(channels), _norm(channels)
        self.conv1, self.conv2 = Conv2d(channels, channels, 3), Conv2d(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.conv1(_activate(self.norm1(x)))
        shaped: Tensor = x + self.conv2(_activate(self.norm2(inner)))
        return shaped


class Reduce(nn.Module):
    """Normalisation, LeakyReLU, convolution 3x3 of stride 2: (B, i, H, W) to (B, o, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm = _norm(inputs)
        self.conv = Conv2d(inputs, outputs, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        reduced: Tensor = self.conv(_activate(self.norm(x)))
        return reduced


class Enlarge(nn.Module):
    """LeakyReLU, convolution 3x3, depth to space: (B, i, H, W) to (B, o, fH, fW)."""

    def __init__(self, inputs: int, outputs: int, factor: int = 2) -> None:
        super().__init__()
        self.conv = Conv2d(inputs, outputs * factor**2, 3)
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return depth_to_space(self.conv(_activate(x)), self.factor)


class MimeEncoder(nn.Module):
    """Faces (B, 3, S, S) to the numbers (B, `length`) of the bottleneck; its maps end at 5 to 8 pixels a side."""

    def __init__(self, *, widths: list[int], side: int, length: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [Conv2d(3, widths[0], 5, stride=2)]
        for number, (inputs, outputs) in enumerate(pairwise(widths)):
            layers.append(Reduce(inputs, outputs))
            if number > 0:  # from an eighth of the size on
                layers.append(Residual(outputs))
        self.maps = nn.Sequential(*layers, _norm(widths[-1]))
        self.dense = nn.Linear(widths[-1] * side**2, length)

    def forward(self, images: Tensor) -> Tensor:
        maps = _activate(self.maps(images)).flatten(1)
        with torch.autocast(images.device.type, enabled=False):  # cheap, and every later number hangs on these few
            numbers: Tensor = self.dense(maps.float())
        return numbers


class Cast(nn.Module):
    """The numbers (B, `length`) of a face to maps (B, c, H, H) of one performer's."""

    def __init__(self, *, length: int, channels: int, side: int) -> None:
        super().__init__()
        self.shape = (channels, side, side)
        self.dense = nn.Linear(length, channels * side**2)
        self.residual = Residual(channels)

    def forward(self, numbers: Tensor) -> Tensor:
        with torch.autocast(numbers.device.type, enabled=False):
            maps = self.dense(numbers.float()).view(-1, *self.shape)
        code: Tensor = self.residual(maps.contiguous(memory_format=torch.channels_last))
        return code


class MimeDecoder(nn.Module):
    """Either performer's maps to a face (B, 3, S, S) and its mask (B, 1, S, S)."""

    def __init__(self, *, widths: list[int], d_mask_dims: int) -> None:
        super().__init__()
        face: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            face += [Enlarge(inputs, outputs), Residual(outputs), Residual(outputs)]
        face[-1] = _norm(widths[-1])  # where the second block of the largest maps would be: one is enough for them
        self.face = nn.Sequential(*face, Enlarge(widths[-1], 3))

        sizes = [widths[0], *(d_mask_dims * 2**k for k in reversed(range(len(widths) - 2)))]
        mask = [Enlarge(inputs, outputs) for inputs, outputs in pairwise(sizes)]
        self.mask = nn.Sequential(*mask, Enlarge(sizes[-1], 1, _MASK_SCALE))

    def decode_face(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.face(code).float())

    def decode_mask(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.mask(code).float())


class Mime(SwapNetwork):
    """A shared encoder, a bottleneck, a cast for each performer and one decoder.

    Only the casts tell the performers apart: a cast turns the numbers of any face into its own performer's maps, and
    the swap takes dst's numbers through src's cast. The decoder learns to draw from the pictures of both. What is in a
    face's place passes through `ae_dims` numbers alone: maps that went around them would carry dst's features over.

    Widths halve as sizes double, so that a block costs the same at every size, and no convolution but the first and
    the last sees the full one.

    Args:
        resolution: side S of input and output in pixels; a multiple of 16.
        ae_dims: numbers in the bottleneck.
        e_dims, d_dims: channels of encoder and decoder at half the size; multiples of 8.
        d_mask_dims: channels of the mask decoder at a quarter of the size.
        face_type: crop geometry that the network is trained on.
        ca_weights: begin with convolution-aware weights.

    Raises:
        UnderstudyError: a value outside of its bounds.
    """

    kind: ClassVar[str] = "mime"
    renewed_after_pretraining = ("encoder.dense", "cast_src", "cast_dst")

    def __init__(
        self,
        *,
        resolution: int = 128,
        ae_dims: int = 256,
        e_dims: int = 32,
        d_dims: int = 32,
        d_mask_dims: int = 8,
        face_type: FaceType = "full",
        ca_weights: bool = False,
    ) -> None:
        super().__init__()
        self._sizes = {
            "resolution": resolution,
            "ae_dims": ae_dims,
            "e_dims": e_dims,
            "d_dims": d_dims,
            "d_mask_dims": d_mask_dims,
        }
        check_sizes(self._sizes, steps={"resolution": 16, "e_dims": _GROUP, "d_dims": _GROUP}, what=self.kind)
        check_face_type(face_type)
        check_switch("ca_weights", ca_weights)
        self.resolution = resolution
        self.face_type: FaceType = face_type
        self.ca_weights = ca_weights

        side, units = resolution // 2, [1]
        while side > _COARSEST and side % 2 == 0:
            side //= 2
            units.append(min(2 * units[-1], _WIDEST))
        self.encoder = MimeEncoder(widths=[e_dims * unit for unit in units], side=side, length=ae_dims)
        widths = [d_dims * unit for unit in reversed(units)]
        self.cast_src = Cast(length=ae_dims, channels=widths[0], side=side)
        self.cast_dst = Cast(length=ae_dims, channels=widths[0], side=side)
        self.decoder = MimeDecoder(widths=widths, d_mask_dims=d_mask_dims)
        initialize(self, convolution_aware=ca_weights)

    def config(self) -> Config:
        """The constructor's arguments, as plain JSON values."""
        return {**self._sizes, "face_type": self.face_type, "ca_weights": self.ca_weights}

    def encode(self, images: Tensor) -> Tensor:
        """The numbers of the bottleneck, (B, `ae_dims`)."""
        numbers: Tensor = self.encoder(images)
        return numbers

    def src_code(self, features: Tensor, noise: Tensor | None = None) -> Tensor:  # noqa: ARG002
        return self.swap_code(features)  # a swap takes a dst face for one of src

    def dst_code(self, features: Tensor) -> Tensor:
        code: Tensor = self.cast_dst(features)
        return code

    def swap_code(self, features: Tensor, *, morph: float | Tensor = 1.0) -> Tensor:  # noqa: ARG002
        code: Tensor = self.cast_src(features)
        return code

    def src_decoder(self) -> MimeDecoder:
        return self.decoder

    def dst_decoder(self) -> MimeDecoder:
        return self.decoder


def _norm(channels: int) -> nn.GroupNorm:
    """Each group of a sample's channels to mean 0 and variance 1 (Wu and He 2018): batches are too small to be one."""
    return nn.GroupNorm(channels // _GROUP, channels)


def _activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, _SLOPE)
