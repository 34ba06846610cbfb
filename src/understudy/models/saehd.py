"""The field's autoencoder for face replacement: a shared encoder, one or two inters, one or two decoders."""

from typing import ClassVar

import torch
from torch import Tensor

from understudy.faces.face import FaceType
from understudy.models.archi import Archi
from understudy.models.autoencoder import Decoder, Encoder, Inter
from understudy.models.layers import initialize
from understudy.models.sizes import check_face_type, check_sizes
from understudy.models.swap_network import Config, SwapNetwork


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
        check_sizes(sizes, step=parsed.step, what=archi)
        check_face_type(face_type)
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
            self.frozen_without_warp = ("inter_ab",)
            self.renewed_after_pretraining = ("inter_ab", "inter_b")
        else:
            self.inter = inter()
            self.decoder_src = decoder(channels)
            self.decoder_dst = decoder(channels)
            self.renewed_after_pretraining = ("inter",)
            self.true_face_shape = self.inter.output_shape
        initialize(self)

    def config(self) -> Config:
        """The constructor's arguments, as plain JSON values."""
        return {**self._sizes, "archi": self.archi, "face_type": self.face_type}

    def encode(self, images: Tensor) -> Tensor:
        """The encoder's vector, (B, `encoder.length`)."""
        vector: Tensor = self.encoder(images)
        return vector

    def src_code(self, features: Tensor, noise: Tensor | None = None) -> Tensor:  # noqa: ARG002
        return self.swap_code(features)  # a swap takes a dst face for one of src

    def dst_code(self, features: Tensor) -> Tensor:
        return self.swap_and_dst_code(features)[1]

    def swap_code(self, features: Tensor, *, morph: float = 1.0) -> Tensor:  # noqa: ARG002
        code: Tensor = (self.inter_ab if self.shared_decoder else self.inter)(features)
        return torch.cat([code, code], 1) if self.shared_decoder else code

    def swap_and_dst_code(self, features: Tensor, *, morph: float = 1.0) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        if self.shared_decoder:
            ab, b = self.inter_ab(features), self.inter_b(features)
            return torch.cat([ab, ab], 1), torch.cat([b, ab], 1)
        code: Tensor = self.inter(features)
        return code, code

    def src_decoder(self) -> Decoder:
        return self.decoder if self.shared_decoder else self.decoder_src

    def dst_decoder(self) -> Decoder:
        return self.decoder if self.shared_decoder else self.decoder_dst
