"""One network in training: its step, and the state that makes the next step exactly repeatable."""

from collections.abc import Mapping

import torch
from torch import Tensor

from understudy.models import SwapNetwork
from understudy.project import SIDES, Side, UnderstudyError
from understudy.training.augment import Draw, augment, draw
from understudy.training.bank import FaceBank
from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes
from understudy.training.learner import Learner
from understudy.training.objective import losses
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
        self._hardware = hardware
        self._banks: dict[Side, FaceBank] = {"src": src.to(hardware.device), "dst": dst.to(hardware.device)}
        self._orders = {side: ShuffledOrder(len(bank)) for side, bank in self._banks.items()}
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._lanes = Lanes(hardware.device)
        self._learner = Learner(self.network, settings=settings, device=hardware.device, lanes=self._lanes)

    def step(self) -> Tensor:
        """One update; returns the mean losses of src and dst, (2,) float32 on the device, not waited for."""
        draws = [(side, *self._draw(side)) for side in SIDES]  # here, for an order that never varies
        means = self._lanes.run(lambda drawn: self._learn(*drawn), draws)
        self._learner.update(self._generator)
        self.iteration += 1
        return torch.stack(means)

    def _draw(self, side: Side) -> tuple[Tensor, Draw]:
        """Which faces are next, and how they are moved and bent."""
        settings = self._settings
        indices = self._orders[side].take(settings.batch_size, self._generator)
        flip = settings.random_src_flip if side == "src" else settings.random_dst_flip
        return indices, draw(len(indices), self._generator, scale=settings.random_scale, flip=flip)

    def _learn(self, side: Side, indices: Tensor, numbers: Draw) -> Tensor:
        """Add one performer's gradients to the parameters; its mean loss."""
        settings, hardware, bank = self._settings, self._hardware, self._banks[side]
        every = settings.unwarped_every
        warp = settings.random_warp and not (every and self.iteration % every == 0)
        rows = bank.rows(indices, hardware.device)
        bank.expect(self._orders[side].ahead(settings.batch_size))  # read while this batch is learned from
        batch = augment(rows, numbers.to(hardware.device), resolution=bank.resolution, warp=warp)
        found = losses(self.network, side, batch, settings=settings, hardware=hardware)
        # The sum over samples, as the original program has it: clipping and the optimizer's epsilon see the scale.
        found.sum().backward()  # type: ignore[no-untyped-call]
        return found.detach().mean()

    def note(self) -> str:
        """What goes on beside the training, for a progress line; empty if nothing does."""
        return next((note for bank in self._banks.values() if (note := bank.note())), "")

    def tensors(self) -> dict[str, Tensor]:
        """Optimizer moments, random state and sample orders; with the weights and the iteration, all there is."""
        return {
            _RANDOM: self._generator.get_state(),
            **{f"order.{side}": order.waiting for side, order in self._orders.items()},
            **self._learner.tensors(),
        }

    def restore(self, iteration: int, tensors: Mapping[str, Tensor], *, random: bool = True) -> bool:
        """Go on from `iteration` with what `tensors` gave; the weights are the caller's part.

        Args:
            random: take up the random state too, so that the same batches follow; else new ones follow.

        Returns:
            False if the moments are another optimizer's, and so start from zero.

        Raises:
            UnderstudyError: the tensors are not those of such a training.
        """
        self.iteration = iteration
        try:
            taken_up = self._learner.restore(tensors)
            if random:
                self._generator.set_state(tensors[_RANDOM])
                for side, order in self._orders.items():
                    order.restore(tensors[f"order.{side}"])
        except (KeyError, RuntimeError) as error:
            raise UnderstudyError(
                f"the saved training state does not fit its weights ({error}): go back a checkpoint"
            ) from error
        return taken_up or iteration == 0
