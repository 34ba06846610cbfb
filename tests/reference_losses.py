"""The whole-loss case of the interchange specification: pictures, masks and what is computed of them."""

import numpy as np
import torch
from torch import Tensor

from reference_network import reference_images
from understudy.training.losses import reconstruction_loss, soft_mask


def disc(resolution: int, *discs: tuple[float, float, float]) -> Tensor:
    y, x = np.mgrid[:resolution, :resolution]
    inside = [(x - cx * resolution) ** 2 + (y - cy * resolution) ** 2 <= (r * resolution) ** 2 for cx, cy, r in discs]
    return torch.from_numpy(np.any(inside, 0).astype(np.float32))[None]


class Reference:
    """The specification's whole-loss case: two samples of each performer, disc masks."""

    def __init__(self, resolution: int) -> None:
        r = resolution
        self.src, self.dst = reference_images(r), reference_images(r, range(2, 4))
        self.src_input = (0.9 * self.src + 0.05).clamp(0, 1)
        self.dst_input = (0.95 * self.dst).clamp(0, 1)
        self.src_mask = torch.stack([disc(r, (0.5, 0.5, 0.35)), disc(r, (0.45, 0.55, 0.30))])
        self.dst_mask = torch.stack([disc(r, (0.5, 0.5, 0.30)), disc(r, (0.55, 0.45, 0.32))])
        self.src_eyes = torch.stack([disc(r, (0.4, 0.4, 0.06), (0.6, 0.4, 0.06))] * 2)
        self.dst_eyes = torch.stack([disc(r, (0.42, 0.4, 0.05), (0.58, 0.4, 0.05))] * 2)

    def losses(self, model: torch.nn.Module, *, masked: bool = True, eyes: bool = False) -> tuple[Tensor, Tensor]:
        src, dst = model.reconstruct_src(self.src_input.flip(1)), model.reconstruct_dst(self.dst_input.flip(1))
        return tuple(
            reconstruction_loss(
                face,
                predicted,
                target=target.flip(1),
                target_mask=mask,
                weight=soft_mask(mask) if masked else None,
                eyes_mouth=eyes_mouth if eyes else None,
            )
            for face, predicted, target, mask, eyes_mouth in (
                (*src, self.src, self.src_mask, self.src_eyes),
                (*dst, self.dst, self.dst_mask, self.dst_eyes),
            )
        )
