"""One network in training: its step, and the state that makes the next step exactly repeatable."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor

from understudy.models import SwapNetwork
from understudy.training.augment import Batch, augment, draw
from understudy.training.bank import FaceBank
from understudy.training.hardware import Hardware
from understudy.training.objective import SwapObjective
from understudy.training.optimizers import clip_gradients, make_optimizer, moments, restore_moments
from understudy.training.order import ShuffledOrder
from understudy.training.settings import TrainSettings

_RANDOM = "random"


class Trainer:
    """Draws batches from two banks and steps the network.

    Every random number comes from one CPU generator, seeded by the settings and part of `tensors`.

    Attributes:
        network: the network in training.
        iteration: steps done.

    Args:
        network: is moved to the device in place.
        src, dst: the performers' faces.
        settings: how to train.
        hardware: device and number format.
    """

    def __init__(
        self, network: SwapNetwork, src: FaceBank, dst: FaceBank, *, settings: TrainSettings, hardware: Hardware
    ) -> None:
        network.to(hardware.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from torch's stubs
        self.network = network.train()
        self.iteration = 0
        self._settings = settings
        self._device = hardware.device
        self._banks = {"src": src.to(hardware.device), "dst": dst.to(hardware.device)}
        self._orders = {side: ShuffledOrder(len(bank)) for side, bank in self._banks.items()}
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._optimizer = make_optimizer(settings.optimizer, self.network.parameters(), lr=settings.learning_rate)
        self._objective = SwapObjective(
            network, hardware=hardware, masked=settings.masked_training, eyes_mouth=settings.eyes_mouth_prio
        )
        self._names = cast(dict[Tensor, str], {p: name for name, p in self.network.named_parameters()})

    def step(self) -> Tensor:
        """One update; returns the mean losses of src and dst, (2,) float32 on the device, not waited for."""
        every = self._settings.unwarped_every
        warp = self._settings.random_warp and not (every and self.iteration % every == 0)
        src = self._batch("src", warp=warp, flip=self._settings.random_src_flip)
        dst = self._batch("dst", warp=warp, flip=self._settings.random_dst_flip)
        src_losses, dst_losses = self._objective(src, dst)
        # The sum over samples, as the original program has it: clipping and the optimizer's epsilon see the scale.
        (src_losses.sum() + dst_losses.sum()).backward()
        if self._settings.clipgrad:
            clip_gradients(self.network.parameters())
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.iteration += 1
        return torch.stack([src_losses.detach().mean(), dst_losses.detach().mean()])

    def _batch(self, side: str, *, warp: bool, flip: bool) -> Batch:
        bank, device = self._banks[side], self._device
        indices = self._orders[side].take(self._settings.batch_size, self._generator)
        numbers = draw(len(indices), self._generator, scale=self._settings.random_scale, flip=flip)
        return augment(bank.rows(indices, device), numbers.to(device), resolution=bank.resolution, warp=warp)

    def tensors(self) -> dict[str, Tensor]:
        """Optimizer moments, random state and sample orders; with the weights and the iteration, all there is."""
        return {
            _RANDOM: self._generator.get_state(),
            **{f"order.{side}": order.waiting for side, order in self._orders.items()},
            **{f"{self._settings.optimizer}.{name}": t for name, t in moments(self._optimizer, self._names).items()},
        }

    def restore(self, iteration: int, tensors: Mapping[str, Tensor], *, random: bool = True) -> bool:
        """Go on from `iteration` with what `tensors` gave; the weights are the caller's part.

        Args:
            random: take up the random state too, so that the same batches follow; else new ones follow.

        Returns:
            False if the moments are another optimizer's, and so start from zero.
        """
        self.iteration = iteration
        if random:
            self._generator.set_state(tensors[_RANDOM])
            for side, order in self._orders.items():
                order.restore(tensors[f"order.{side}"])
        prefix = f"{self._settings.optimizer}."
        own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        self._optimizer.state.clear()
        restore_moments(self._optimizer, self._names, own)
        return bool(own) or iteration == 0
