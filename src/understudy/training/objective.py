"""The training pass of a swap network: from two batches to the losses of both performers."""

from torch import Tensor, nn

from understudy.models import SwapNetwork
from understudy.training.augment import Batch
from understudy.training.hardware import Hardware
from understudy.training.losses import reconstruction_loss, soft_mask


class SwapObjective(nn.Module):
    """A network with its losses as one module.

    Args:
        network: the network in training.
        hardware: number format of the network; losses are float32 in any case.
        masked: judge colours within the soft face mask alone.
        eyes_mouth: weigh eyes and mouth more.
    """

    def __init__(self, network: SwapNetwork, *, hardware: Hardware, masked: bool, eyes_mouth: bool) -> None:
        super().__init__()
        self.network = network
        self.hardware = hardware
        self.masked = masked
        self.eyes_mouth = eyes_mouth

    def forward(self, src: Batch, dst: Batch) -> tuple[Tensor, Tensor]:
        """Losses per sample of src and of dst, each (B,) float32."""
        with self.hardware.autocast():
            out = self.network.reconstruct(src.image, dst.image)
        return self._loss(out.src, out.src_mask, src), self._loss(out.dst, out.dst_mask, dst)

    def _loss(self, face: Tensor, mask: Tensor, batch: Batch) -> Tensor:
        return reconstruction_loss(
            face,
            mask,
            target=batch.target,
            target_mask=batch.mask,
            weight=soft_mask(batch.mask) if self.masked else None,
            eyes_mouth=batch.eyes_mouth if self.eyes_mouth else None,
        )
