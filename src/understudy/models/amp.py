"""The field's morphing network: one decoder, whose code mixes channels of two performers."""

from typing import ClassVar

import torch
from torch import Generator, Tensor, nn

from understudy.faces.face import FaceType
from understudy.models.archi import Archi
from understudy.models.autoencoder import Decoder, Encoder
from understudy.models.initialization import initialize
from understudy.models.sizes import check_face_type, check_sizes, check_switch
from understudy.models.swap_model import Morph
from understudy.models.swap_network import Config, SwapNetwork
from understudy.project.errors import UnderstudyError

_ARCHI = Archi("df", pixel_norm=True, double=True, deep=True)


class Expand(nn.Module):
    """The second half of a bottleneck: (B, `ae_dims`) to a map (B, channels, side, side)."""

    def __init__(self, *, ae_dims: int, channels: int, side: int) -> None:
        super().__init__()
        self.shape = (channels, side, side)
        self.dense = nn.Linear(ae_dims, channels * side * side)

    def forward(self, vector: Tensor) -> Tensor:
        with torch.autocast(vector.device.type, enabled=False):
            code: Tensor = self.dense(vector)
        return code.view(-1, *self.shape)


class AMP(SwapNetwork):
    """The encoder and decoder of SAEHD `-udt` around two random projections, `inter_src` and `inter_dst`.

    A code takes each of its channels from one of the two. A dst face is learned from dst's alone, a src face from a
    random choice of `morph_factor` src's and the rest dst's; a swap takes the first `morph` of the channels from
    src's. The original never trains the two projections.

    Args:
        resolution: side S of input and output in pixels; a multiple of 32.
        ae_dims: numbers in the bottleneck.
        inter_dims: channels of the code; meant to be at least `ae_dims`.
        e_dims, d_dims, d_mask_dims: channels per unit of the encoder, decoder and mask decoder.
        morph_factor: share of src's channels in the code of a src face in training, 0.1..0.5.
        face_type: crop geometry that the network is trained on.
        ca_weights: begin with convolution-aware weights.

    Raises:
        UnderstudyError: a value outside of its bounds.
    """

    kind: ClassVar[str] = "amp"
    morphs: ClassVar[bool] = True
    frozen = ("inter_src", "inter_dst")

    def __init__(
        self,
        *,
        resolution: int = 224,
        ae_dims: int = 256,
        inter_dims: int = 1024,
        e_dims: int = 64,
        d_dims: int = 64,
        d_mask_dims: int = 22,
        morph_factor: float = 0.5,
        face_type: FaceType = "whole_face",
        ca_weights: bool = False,
    ) -> None:
        super().__init__()
        self._sizes = {
            "resolution": resolution,
            "ae_dims": ae_dims,
            "inter_dims": inter_dims,
            "e_dims": e_dims,
            "d_dims": d_dims,
            "d_mask_dims": d_mask_dims,
        }
        check_sizes(self._sizes, steps={"resolution": _ARCHI.step}, what="amp")
        check_face_type(face_type)
        check_switch("ca_weights", ca_weights)
        if not isinstance(morph_factor, int | float) or not 0.1 <= morph_factor <= 0.5:
            raise UnderstudyError(f"morph_factor is {morph_factor!r}: give a number from 0.1 to 0.5")
        self.resolution = resolution
        self.face_type: FaceType = face_type
        self.ca_weights = ca_weights
        self.inter_dims = inter_dims
        self.morph_factor = float(morph_factor)

        side = resolution // 32
        self.encoder = Encoder(_ARCHI, resolution=resolution, e_dims=e_dims)
        self.dense = nn.Linear(self.encoder.length, ae_dims)
        self.inter_src = Expand(ae_dims=ae_dims, channels=inter_dims, side=side)
        self.inter_dst = Expand(ae_dims=ae_dims, channels=inter_dims, side=side)
        self.decoder = Decoder(_ARCHI, inputs=inter_dims, d_dims=d_dims, d_mask_dims=d_mask_dims)
        initialize(self, convolution_aware=ca_weights)

    def config(self) -> Config:
        """The constructor's arguments, as plain JSON values."""
        return {
            **self._sizes,
            "morph_factor": self.morph_factor,
            "face_type": self.face_type,
            "ca_weights": self.ca_weights,
        }

    def encode(self, images: Tensor) -> Tensor:
        """The bottleneck, (B, `ae_dims`) float32."""
        vector = self.encoder(images)
        with torch.autocast(vector.device.type, enabled=False):
            features: Tensor = self.dense(vector)
        return features

    def draw_noise(self, count: int, generator: Generator) -> Tensor:
        """Which channels each sample takes from src's projection: (count, `inter_dims`) bool.

        Exactly `inter_dims` times `morph_factor` of each row are true.
        """
        order = torch.rand(count, self.inter_dims, generator=generator).argsort(1)
        return order < int(self.inter_dims * self.morph_factor)

    def src_code(self, features: Tensor, noise: Tensor | None = None) -> Tensor:
        src: Tensor = self.inter_src(features)
        return src if noise is None else torch.where(noise[:, :, None, None], src, self.inter_dst(features))

    def dst_code(self, features: Tensor) -> Tensor:
        code: Tensor = self.inter_dst(features)
        return code

    def swap_code(self, features: Tensor, *, morph: Morph = 1.0) -> Tensor:
        return self.swap_and_dst_code(features, morph=morph)[0]

    def swap_and_dst_code(self, features: Tensor, *, morph: Morph = 1.0) -> tuple[Tensor, Tensor]:
        src, dst = self.inter_src(features), self.inter_dst(features)
        if isinstance(morph, Tensor):
            taken = (self.inter_dims * morph.clamp(0.0, 1.0)).int()
            channels = torch.arange(self.inter_dims, device=src.device) < taken[:, None]  # (B, inter_dims)
            return torch.where(channels[:, :, None, None], src, dst), dst
        taken_by_all = int(self.inter_dims * min(max(morph, 0.0), 1.0))
        return torch.cat([src[:, :taken_by_all], dst[:, taken_by_all:]], 1), dst

    def src_decoder(self) -> Decoder:
        return self.decoder

    def dst_decoder(self) -> Decoder:
        return self.decoder
