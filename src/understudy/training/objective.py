"""What a network is asked to lower: the pass of each performer, from a batch to its losses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from understudy.models import Reconstruction, SwapNetwork
from understudy.project import UnderstudyError
from understudy.training.adversary import Adversary
from understudy.training.augment import Batch
from understudy.training.hardware import Hardware
from understudy.training.losses import blur_out, mean_square, reconstruction_loss, soft_mask, total_variation
from understudy.training.settings import TrainSettings
from understudy.training.style import background_style_loss, face_style_loss, outside_of_both

_VARIATION = 1e-6
_SRC_BACKGROUND = 0.02
_AMP_BACKGROUND = 0.1


class Pass(NamedTuple):
    """What a performer's pass came to.

    Attributes:
        loss: (B,) float32, what is reported.
        style: (B,) float32, reported with src's loss though dst's pass finds it; None without style losses.
        extra: (B,) float32, lowered too but not reported: what the discriminators say, and the terms that go with them.
        code: (B, C, H, W), of src or dst as itself; the true-face discriminator learns from it.
        real, fake: (B, 3, S, S), what the patch discriminator learns from; None without one on this side.
    """

    loss: Tensor
    style: Tensor | None
    extra: Tensor | None
    code: Tensor
    real: Tensor | None
    fake: Tensor | None

    def total(self) -> Tensor:
        """What to lower, (): the sum over samples, as the original program has it.

        Clipping and the optimizer's epsilon see the difference between a sum and a mean.
        """
        parts = [part.sum() for part in (self.loss, self.style, self.extra) if part is not None]
        return torch.stack(parts).sum()

    @classmethod
    def joined(cls, passes: "Sequence[Pass]") -> "Pass":
        """One pass over all of the samples."""
        if len(passes) == 1:
            return passes[0]
        parts = zip(*passes, strict=True)
        return cls(*(None if part[0] is None else torch.cat(part) for part in parts))  # type: ignore[arg-type]

    def detached(self) -> "Pass":
        """The same without the way that led to it."""
        style, extra, real, fake = (
            None if part is None else part.detach() for part in (self.style, self.extra, self.real, self.fake)
        )
        return Pass(self.loss.detach(), style, extra, self.code.detach(), real, fake)


@dataclass(frozen=True)
class Objective:
    """The terms that settings ask for, of one kind of network; what no term needs is not computed.

    Args:
        network: is called in bf16 where the hardware says so; all losses are float32.
        patches: discriminator of a GAN, if there is one.
        codes: discriminator of the true-face loss, if there is one.
    """

    network: SwapNetwork
    settings: TrainSettings
    hardware: Hardware
    patches: Adversary | None = None
    codes: Adversary | None = None

    @property
    def _amp(self) -> bool:
        """AMP's own rules: always within the mask, with eyes, mouth and both DSSIM windows; a GAN of both sides."""
        return self.network.kind == "amp"

    def src(self, batch: Batch, noise: Tensor | None) -> Pass:
        """Src faces decoded as src."""
        network = self.network
        with self.hardware.autocast():
            code = network.src_code(network.encode(batch.image), noise)
            decoded = network.decode_src(code)
        target, weight, loss = self._reconstruction(decoded, batch)
        extra = []
        if self.codes is not None:
            extra.append(self.settings.true_face_power * self.codes.fooled(code))
        real, fake = self._shown(decoded.face, target, weight)
        if self.patches is not None and fake is not None:
            extra.append(self.settings.gan_power * self.patches.fooled(fake))
            if weight is not None:
                background = mean_square((decoded.face - target) * (1 - weight))
                extra.append(_VARIATION * total_variation(decoded.face) + _SRC_BACKGROUND * background)
        return Pass(loss, None, _sum(extra), code, real, fake)

    def dst(self, batch: Batch) -> Pass:
        """Dst faces decoded as dst, and as src where a style loss looks at the swap."""
        network, settings = self.network, self.settings
        styled = settings.face_style_power > 0 or settings.bg_style_power > 0
        with self.hardware.autocast():
            features = network.encode(batch.image)
            if styled:
                swap_code, code = network.swap_and_dst_code(features)
            else:
                swap_code = code = network.dst_code(features)
            decoded = network.decode_dst(code)
        target, weight, loss = self._reconstruction(decoded, batch)
        style = self._style(swap_code, decoded, target) if styled else None
        extra = []
        real = fake = None
        if self._amp and weight is not None:
            outside = 1 - weight
            background = mean_square((decoded.face - target) * outside)
            extra.append(_AMP_BACKGROUND * background + _VARIATION * total_variation(decoded.face * outside))
            real, fake = self._shown(decoded.face, target, weight)
            if self.patches is not None and fake is not None:
                extra.append(settings.gan_power * self.patches.fooled(fake))
        return Pass(loss, style, _sum(extra), code, real, fake)

    def _reconstruction(self, decoded: Reconstruction, batch: Batch) -> tuple[Tensor, Tensor | None, Tensor]:
        """Target, weight of its pixels, and loss of a performer decoded as itself."""
        settings = self.settings
        target = blur_out(batch.target, batch.mask) if settings.blur_out_mask else batch.target
        weight = soft_mask(batch.mask) if settings.masked_training or self._amp else None
        loss = reconstruction_loss(
            decoded.face,
            decoded.mask,
            target=target,
            target_mask=batch.mask,
            weight=weight,
            eyes_mouth=batch.eyes_mouth if settings.eyes_mouth_prio or self._amp else None,
            both_windows=self._amp,
            coarse_power=settings.coarse_structure_power,
        )
        return target, weight, loss

    def _shown(self, face: Tensor, target: Tensor, weight: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """What the patch discriminator is shown as real and as fake."""
        if self.patches is None:
            return None, None
        return (target, face) if weight is None else (target * weight, face * weight)

    def _style(self, swap_code: Tensor, dst: Reconstruction, target: Tensor) -> Tensor:
        face_power, background_power = self.settings.face_style_power, self.settings.bg_style_power
        decoder = self.network.src_decoder()
        # The face's colours are the decoder's business alone: its code hears nothing of them. Both are decoded in one
        # call: a second use of the weights would be rounded differently from run to run, as the lanes happen to meet.
        codes = [swap_code.detach()] * (face_power > 0) + [swap_code] * (background_power > 0)
        with self.hardware.autocast():
            mask = decoder.decode_mask(swap_code).detach()
            faces = torch.split(decoder.decode_face(torch.cat(codes)), len(swap_code))
        terms = []
        if face_power > 0:
            terms.append(face_style_loss(faces[0] * mask, (dst.face * dst.mask).detach(), face_power))
        if background_power > 0:
            outside = outside_of_both(mask, dst.mask.detach())
            terms.append(background_style_loss(faces[-1], target, outside, background_power))
        return torch.stack(terms).sum(0)


def _sum(terms: list[Tensor]) -> Tensor | None:
    return torch.stack(terms).sum(0) if terms else None


def check_fits(settings: TrainSettings, network: SwapNetwork) -> None:
    """Whether the network can be trained with these options.

    Raises:
        UnderstudyError: it cannot; says why.
    """
    kind = network.kind
    if settings.true_face_power and network.true_face_shape is None:
        raise UnderstudyError(
            "--true-face-power draws src codes towards dst codes, which only an architecture with one inter can: "
            "choose a df architecture, or set it to 0"
        )
    if kind == "amp" and (settings.face_style_power or settings.bg_style_power):
        raise UnderstudyError("AMP knows no style losses: set --face-style-power and --bg-style-power to 0")
    if settings.pretrain and not network.renewed_after_pretraining:
        raise UnderstudyError(f"{kind} networks know no pretraining: leave --pretrain off")
    if settings.gan_power and settings.gan_patch_size is not None and settings.gan_patch_size > network.resolution:
        raise UnderstudyError(
            f"--gan-patch-size {settings.gan_patch_size} is larger than the face: give at most {network.resolution}"
        )
