"""The small network for a first result: df-ud at 96 pixels, nothing to choose."""

from typing import ClassVar

from understudy.models.saehd import SAEHD
from understudy.models.swap_network import Config


class Quick96(SAEHD):
    """SAEHD `df-ud` with fixed sizes: 96 pixels, full face, 38.3 million parameters."""

    kind: ClassVar[str] = "quick96"

    def __init__(self) -> None:
        super().__init__(
            resolution=96, archi="df-ud", ae_dims=128, e_dims=64, d_dims=64, d_mask_dims=16, face_type="full"
        )

    def config(self) -> Config:
        return {}
