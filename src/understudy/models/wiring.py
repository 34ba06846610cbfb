"""The two ways in which the field's autoencoders are wired, whatever their encoders and decoders are made of."""

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from understudy.models.archi import Wiring
from understudy.models.autoencoder import Inter
from understudy.models.swap_model import Morph
from understudy.models.swap_network import FaceDecoder, SwapNetwork


class WiredNetwork(SwapNetwork):
    """`df`: one inter, a decoder for each performer; `liae`: two inters, one decoder for both.

    Wiring `df` decodes a dst code with src's decoder. Wiring `liae` has two inters, AB (trained on both performers)
    and B (on dst alone), and swaps by giving the one decoder AB's code in B's place. Perov et al. 2020.

    A subclass calls `wire` when it has its `encoder`.
    """

    encoder: nn.Module
    shared_decoder: bool

    def wire(
        self, wiring: Wiring, ae_dims: int, inter: Callable[[int], Inter], decoder: Callable[[int], nn.Module]
    ) -> None:
        """Make inters and decoders; both are made for a number of channels of the code."""
        self.shared_decoder = wiring == "liae"
        if self.shared_decoder:
            self.inter_ab = inter(2 * ae_dims)
            self.inter_b = inter(2 * ae_dims)
            self.decoder = decoder(4 * ae_dims)
            self.frozen_without_warp = ("inter_ab",)
            self.renewed_after_pretraining = ("inter_ab", "inter_b")
        else:
            self.inter = inter(ae_dims)
            self.decoder_src = decoder(ae_dims)
            self.decoder_dst = decoder(ae_dims)
            self.renewed_after_pretraining = ("inter",)
            self.true_face_shape = self.inter.output_shape

    def encode(self, images: Tensor) -> Tensor:
        """The encoder's vector, (B, its `length`)."""
        vector: Tensor = self.encoder(images)
        return vector

    def src_code(self, features: Tensor, noise: Tensor | None = None) -> Tensor:  # noqa: ARG002
        return self.swap_code(features)  # a swap takes a dst face for one of src

    def dst_code(self, features: Tensor) -> Tensor:
        return self.swap_and_dst_code(features)[1]

    def swap_code(self, features: Tensor, *, morph: Morph = 1.0) -> Tensor:  # noqa: ARG002
        code: Tensor = (self.inter_ab if self.shared_decoder else self.inter)(features)
        return torch.cat([code, code], 1) if self.shared_decoder else code

    def swap_and_dst_code(self, features: Tensor, *, morph: Morph = 1.0) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        if self.shared_decoder:
            ab, b = self.inter_ab(features), self.inter_b(features)
            return torch.cat([ab, ab], 1), torch.cat([b, ab], 1)
        code: Tensor = self.inter(features)
        return code, code

    def src_decoder(self) -> FaceDecoder:
        return cast(FaceDecoder, self.decoder if self.shared_decoder else self.decoder_src)

    def dst_decoder(self) -> FaceDecoder:
        return cast(FaceDecoder, self.decoder if self.shared_decoder else self.decoder_dst)
