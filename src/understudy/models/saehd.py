"""The field's autoencoder for face replacement: a shared encoder, one or two inters, one or two decoders."""

from collections.abc import Mapping
from typing import ClassVar, get_args

import torch
from torch import Tensor, nn

from understudy.faces.face import FaceType
from understudy.models.archi import Archi
from understudy.models.layers import Down, InterleavedColor, Res, Up, initialize, pixel_norm
from understudy.models.swap_model import SwapOutput
from understudy.models.swap_network import Config, Reconstruction, SwapNetwork
from understudy.project.errors import UnderstudyError

LIMITS: Mapping[str, tuple[int, int]] = {
    "resolution": (32, 1024),
    "ae_dims": (8, 2048),
    "e_dims": (8, 512),
    "d_dims": (8, 512),
    "d_mask_dims": (4, 512),
}
"""Smallest and largest value of each size; they bound the memory that a foreign file's configuration may ask for."""


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
        widths = (8, 8, 4, 2) if archi.deep else (8, 4, 2)
        color: list[nn.Module] = []
        channels = inputs
        for width in widths:
            color += [Up(channels, width * d_dims, cosine=archi.cosine), Res(width * d_dims, cosine=archi.cosine)]
            channels = width * d_dims
        color.append(InterleavedColor(channels) if archi.double else nn.Conv2d(channels, 3, 1))
        self.color = nn.Sequential(*color)

        mask: list[nn.Module] = []
        channels = inputs
        for width in (*widths, 1) if archi.double else widths:
            mask.append(Up(channels, width * d_mask_dims, cosine=archi.cosine))
            channels = width * d_mask_dims
        mask.append(nn.Conv2d(channels, 1, 1))
        self.mask = nn.Sequential(*mask)

    def decode_face(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.color(code).float())

    def decode_mask(self, code: Tensor) -> Tensor:
        return torch.sigmoid(self.mask(code).float())


class SAEHD(SwapNetwork):
    """The autoencoder of Perov et al. 2020 ("DeepFaceLab"), in its final form; computes and stores RGB.

    Wiring `df` decodes a dst code with src's decoder. Wiring `liae` has two inters, AB (trained on both performers)
    and B (on dst alone), and swaps by giving the one decoder AB's code in B's place.

    Args:
        resolution: side S of input and output in pixels; a multiple of 16, of 32 with the letters d or t.
        archi: architecture string, see `Archi`.
        ae_dims: numbers in the bottleneck.
        e_dims, d_dims, d_mask_dims: channels per unit of the encoder, decoder and mask decoder.
        face_type: crop geometry that the network is trained on.

    Raises:
        UnderstudyError: a value outside of its bounds.
    """

    kind: ClassVar[str] = "saehd"

    def __init__(
        self,
        *,
        resolution: int = 128,
        archi: str = "liae-ud",
        ae_dims: int = 256,
        e_dims: int = 64,
        d_dims: int = 64,
        d_mask_dims: int = 22,
        face_type: FaceType = "full",
    ) -> None:
        super().__init__()
        sizes = {
            "resolution": resolution,
            "ae_dims": ae_dims,
            "e_dims": e_dims,
            "d_dims": d_dims,
            "d_mask_dims": d_mask_dims,
        }
        parsed = Archi.parse(archi)
        _check(sizes, parsed, archi, face_type)
        self.resolution = resolution
        self.face_type: FaceType = face_type
        self.archi = archi
        self._sizes = sizes

        self.encoder = Encoder(parsed, resolution=resolution, e_dims=e_dims)
        self.shared_decoder = parsed.wiring == "liae"
        channels = 2 * ae_dims if self.shared_decoder else ae_dims

        def inter() -> Inter:
            return Inter(parsed, length=self.encoder.length, resolution=resolution, ae_dims=ae_dims, channels=channels)

        def decoder(inputs: int) -> Decoder:
            return Decoder(parsed, inputs=inputs, d_dims=d_dims, d_mask_dims=d_mask_dims)

        if self.shared_decoder:
            self.inter_ab = inter()
            self.inter_b = inter()
            self.decoder = decoder(2 * channels)
        else:
            self.inter = inter()
            self.decoder_src = decoder(channels)
            self.decoder_dst = decoder(channels)
        initialize(self)

    def config(self) -> Config:
        """The constructor's arguments, as plain JSON values."""
        return {**self._sizes, "archi": self.archi, "face_type": self.face_type}

    def swap(self, images: Tensor) -> SwapOutput:
        """Swap aligned dst faces: (B, 3, S, S) RGB, 0..1."""
        vector = self.encoder(images)
        code, dst_code = self._src_code(vector), self._dst_code(vector)
        src_decoder, dst_decoder = self._decoders()
        return SwapOutput(
            src_decoder.decode_face(code), src_decoder.decode_mask(code), dst_decoder.decode_mask(dst_code)
        )

    def reconstruct_src(self, images: Tensor) -> Reconstruction:
        code, (decoder, _) = self._src_code(self.encoder(images)), self._decoders()
        return Reconstruction(decoder.decode_face(code), decoder.decode_mask(code))

    def reconstruct_dst(self, images: Tensor) -> Reconstruction:
        code, (_, decoder) = self._dst_code(self.encoder(images)), self._decoders()
        return Reconstruction(decoder.decode_face(code), decoder.decode_mask(code))

    def _src_code(self, vector: Tensor) -> Tensor:
        if self.shared_decoder:
            ab = self.inter_ab(vector)
            return torch.cat([ab, ab], 1)
        code: Tensor = self.inter(vector)
        return code

    def _dst_code(self, vector: Tensor) -> Tensor:
        if self.shared_decoder:
            return torch.cat([self.inter_b(vector), self.inter_ab(vector)], 1)
        code: Tensor = self.inter(vector)
        return code

    def _decoders(self) -> tuple[Decoder, Decoder]:
        """Those of src and of dst; with wiring `liae` one and the same."""
        if self.shared_decoder:
            return self.decoder, self.decoder
        return self.decoder_src, self.decoder_dst


def _check(sizes: Mapping[str, int], archi: Archi, text: str, face_type: str) -> None:
    for name, value in sizes.items():
        low, high = LIMITS[name]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise UnderstudyError(f"{name} is {value!r}: give a whole number from {low} to {high}")
    if sizes["resolution"] % archi.step:
        raise UnderstudyError(f"resolution {sizes['resolution']} does not suit {text}: give a multiple of {archi.step}")
    if face_type not in get_args(FaceType):
        raise UnderstudyError(f"unknown face type {face_type!r}: choose one of {', '.join(get_args(FaceType))}")
