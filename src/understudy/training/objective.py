"""The training pass of one performer: from a batch to its losses."""

from torch import Tensor

from understudy.models import SwapNetwork
from understudy.project import Side
from understudy.training.augment import Batch
from understudy.training.hardware import Hardware
from understudy.training.losses import reconstruction_loss, soft_mask
from understudy.training.settings import TrainSettings


def losses(network: SwapNetwork, side: Side, batch: Batch, *, settings: TrainSettings, hardware: Hardware) -> Tensor:
    """Losses per sample of src or dst decoded as itself, (B,) float32; the network alone runs in bf16."""
    with hardware.autocast():
        face, mask = (network.reconstruct_src if side == "src" else network.reconstruct_dst)(batch.image)
    return reconstruction_loss(
        face,
        mask,
        target=batch.target,
        target_mask=batch.mask,
        weight=soft_mask(batch.mask) if settings.masked_training else None,
        eyes_mouth=batch.eyes_mouth if settings.eyes_mouth_prio else None,
    )
