"""The field's autoencoder for face replacement: a shared encoder, one or two inters, one or two decoders."""

from typing import ClassVar

from understudy.faces.face import FaceType
from understudy.models.archi import Archi
from understudy.models.autoencoder import Decoder, Encoder, Inter
from understudy.models.initialization import initialize
from understudy.models.sizes import check_face_type, check_sizes, check_switch
from understudy.models.swap_network import Config
from understudy.models.wiring import WiredNetwork


class SAEHD(WiredNetwork):
    """The autoencoder of Perov et al. 2020 ("DeepFaceLab"), in its final form; computes and stores RGB.

    Args:
        resolution: side S of input and output in pixels; a multiple of 16, of 32 with the letters d or t.
        archi: architecture string, see `Archi`.
        ae_dims: numbers in the bottleneck.
        e_dims, d_dims, d_mask_dims: channels per unit of the encoder, decoder and mask decoder.
        face_type: crop geometry that the network is trained on.
        ca_weights: begin with convolution-aware weights.

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
        ca_weights: bool = False,
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
        check_sizes(sizes, steps={"resolution": parsed.step}, what=archi)
        check_face_type(face_type)
        check_switch("ca_weights", ca_weights)
        self.resolution = resolution
        self.face_type: FaceType = face_type
        self.archi = archi
        self.ca_weights = ca_weights
        self._sizes = sizes

        encoder = Encoder(parsed, resolution=resolution, e_dims=e_dims)
        self.encoder = encoder

        def inter(channels: int) -> Inter:
            return Inter(parsed, length=encoder.length, resolution=resolution, ae_dims=ae_dims, channels=channels)

        def decoder(inputs: int) -> Decoder:
            return Decoder(parsed, inputs=inputs, d_dims=d_dims, d_mask_dims=d_mask_dims)

        self.wire(parsed.wiring, ae_dims, inter, decoder)
        initialize(self, convolution_aware=ca_weights)

    def config(self) -> Config:
        """The constructor's arguments, as plain JSON values."""
        return {**self._sizes, "archi": self.archi, "face_type": self.face_type, "ca_weights": self.ca_weights}
