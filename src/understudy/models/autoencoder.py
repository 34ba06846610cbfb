"""The parts of the autoencoder family: encoder, inter and decoder."""

import torch
from torch import Tensor, nn

from understudy.models.archi import Archi
from understudy.models.layers import Down, InterleavedColor, Res, Up, pixel_norm


class Encoder(nn.Module):
    """(B, 3, S, S) to a flat vector (B, `length`), channels first."""

    def __init__(self, archi: Archi, *, resolution: int, e_dims: int) -> None:
        e, cosine = e_dims, archi.cosine
        layers: list[nn.Module] = [Down(3, e, cosine=cosine)]
        if archi.deep:
            layers.append(Res(e, cosine=cosine))
        layers += [Down(e * i, e * i * 2, cosine=cosine) for i in (1, 2, 4)]
        if archi.deep:
            layers += [Down(8 * e, 8 * e, cosine=cosine), Res(8 * e, cosine=cosine)]
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.pixel_norm = archi.pixel_norm
        self.length = 8 * e * (resolution // (32 if archi.deep else 16)) ** 2

    def forward(self, images: Tensor) -> Tensor:
        vector: Tensor = self.layers(images).flatten(1)
        return pixel_norm(vector) if self.pixel_norm else vector


class Inter(nn.Module):
    """A bottleneck of `ae_dims` numbers: the encoder's vector to a map (B, channels, R, R)."""

    def __init__(self, archi: Archi, *, length: int, resolution: int, ae_dims: int, channels: int) -> None:
        super().__init__()
        side = resolution // (32 if archi.double else 16)
        self.shape = (channels, side, side)
        self.dense1 = nn.Linear(length, ae_dims)
        self.dense2 = nn.Linear(ae_dims, channels * side * side)
        self.upscale = nn.Identity() if archi.deep else Up(channels, channels, cosine=archi.cosine)
        final = side if archi.deep else 2 * side
        self.output_shape = (channels, final, final)

    def forward(self, vector: Tensor) -> Tensor:
        # In float32 under autocast too: the layers are cheap, and every later number hangs on these few.
        with torch.autocast(vector.device.type, enabled=False):
            code: Tensor = self.dense2(self.dense1(vector.float()))
        upscaled: Tensor = self.upscale(code.view(-1, *self.shape))
        return upscaled


class Decoder(nn.Module):
    """A code map to a face (B, 3, S, S) and its mask (B, 1, S, S); the two branches share nothing but the code."""

    def __init__(self, archi: Archi, *, inputs: int, d_dims: int, d_mask_dims: int) -> None:
        super().__init__()
        color: list[nn.Module] = []
        channels = inputs
        for width in _widths(archi):
            color += [Up(channels, width * d_dims, cosine=archi.cosine), Res(width * d_dims, cosine=archi.cosine)]
            channels = width * d_dims
        color.append(InterleavedColor(channels) if archi.double else nn.Conv2d(channels, 3, 1))
        self.color = nn.Sequential(*color)

        self.mask = mask_branch(archi, inputs=inputs, d_mask_dims=d_mask_dims)

    def decode_face(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.color(code).float())

    def decode_mask(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.mask(code).float())


def mask_branch(archi: Archi, *, inputs: int, d_mask_dims: int) -> nn.Sequential:
    """A code map (B, `inputs`, H, W) to a mask's logits at full size, without residual blocks."""
    layers: list[nn.Module] = []
    channels = inputs
    for width in (*_widths(archi), 1) if archi.double else _widths(archi):
        layers.append(Up(channels, width * d_mask_dims, cosine=archi.cosine))
        channels = width * d_mask_dims
    return nn.Sequential(*layers, nn.Conv2d(channels, 1, 1))


def _widths(archi: Archi) -> tuple[int, ...]:
    """Channels of the decoder's stages, in units."""
    return (8, 8, 4, 2) if archi.deep else (8, 4, 2)
