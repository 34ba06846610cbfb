"""One network in training: its step, and the state that makes the next step exactly repeatable."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn

from understudy.models import SwapNetwork
from understudy.models.code_discriminator import CodeDiscriminator
from understudy.models.patch_discriminator import PatchDiscriminator
from understudy.project import SIDES, Side
from understudy.training.adversary import Adversary
from understudy.training.augment import Batch, Draw, augment, draw
from understudy.training.average import WeightAverage
from understudy.training.bank import FaceBank
from understudy.training.compilation import compile_network
from understudy.training.damage import damage_told
from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes
from understudy.training.learner import Learner
from understudy.training.objective import Objective, Pass, check_fits
from understudy.training.order import Order, ShuffledOrder, UniformYawOrder
from understudy.training.pretraining import while_pretraining
from understudy.training.ranks import ALONE, Ranks
from understudy.training.recolor import draw_directions, recolor
from understudy.training.recompute import recompute
from understudy.training.settings import TrainSettings

_RANDOM = "random"
_AVERAGED = "average.seen"


class Drawn(NamedTuple):
    """The random choices of one performer's pass.

    Attributes:
        indices: (B,) int64, its faces.
        numbers: how they are moved, bent and shifted in colour.
        noise: what the network draws for src codes, if anything.
        partners: (B,) int64, the dst faces whose colours src takes; None: it keeps its own.
        directions: random directions of that transfer.
    """

    indices: Tensor
    numbers: Draw
    noise: Tensor | None
    partners: Tensor | None = None
    directions: Tensor | None = None

    def part(self, which: slice) -> "Drawn":
        """Those of some of the samples."""
        return Drawn(
            self.indices[which],
            self.numbers.part(which),
            *(None if one is None else one[which] for one in (self.noise, self.partners, self.directions)),
        )


class Trainer:
    """Draws batches from two banks and steps the network.

    Every random number comes from one CPU generator, seeded by the settings and part of `tensors`.

    Attributes:
        network: the network in training.
        iteration: steps done.
        whole: the state is that between two steps; False once a step has failed that had changed some of it.
        average: the mean weights; None where the settings want none.

    Args:
        network: is moved to the device in place.
        src, dst: the performers' faces.
        settings: how to train.
        hardware: device and number format.
        ranks: share each batch, of which all draw the same one.

    Raises:
        UnderstudyError: the settings do not suit the network.
    """

    def __init__(
        self,
        network: SwapNetwork,
        src: FaceBank,
        dst: FaceBank,
        *,
        settings: TrainSettings,
        hardware: Hardware,
        ranks: Ranks = ALONE,
    ) -> None:
        check_fits(settings, network)
        network.to(hardware.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from torch's stubs
        recompute(network, settings.recompute)
        compile_network(network, settings.compile, hardware.device)
        self.network = network.train()
        self.iteration = 0
        self.whole = True
        self._settings = settings
        self._now = while_pretraining(settings) if settings.pretrain else settings
        self._hardware = hardware
        self._ranks = ranks
        self._share = ranks.share_of(self._now.batch_size)
        self._banks: dict[Side, FaceBank] = {"src": src.to(hardware.device), "dst": dst.to(hardware.device)}
        self._orders: dict[str, Order] = {side: self._order(bank) for side, bank in self._banks.items()}
        if self._now.ct_mode != "none":
            self._orders["partners"] = ShuffledOrder(len(dst))
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._lanes = Lanes(hardware.device)
        _let_learn(network, self._now)
        self._learner = Learner(
            self.network, settings=self._now, device=hardware.device, lanes=self._lanes, ranks=ranks
        )
        self.average = WeightAverage(network, half_life=settings.ema) if settings.ema else None
        self._adversaries = self._new_adversaries()
        self._resting: dict[str, Tensor] = {}  # state of discriminators that are switched off
        self._objective = Objective(
            network, self._now, hardware, patches=self._adversaries.get("gan"), codes=self._adversaries.get("true_face")
        )

    def _order(self, bank: FaceBank) -> Order:
        return UniformYawOrder(bank.yaw) if self._now.uniform_yaw else ShuffledOrder(len(bank))

    def _new_adversaries(self) -> dict[str, Adversary]:
        settings, network = self._now, self.network
        found = {}
        if settings.true_face_power and network.true_face_shape is not None:
            channels, side, _ = network.true_face_shape
            found["true_face"] = self._adversary(
                lambda: CodeDiscriminator(channels=channels, side=side), (channels, side)
            )
        if settings.gan_power:
            size, dims, resolution = settings.gan_patch_size, settings.gan_dims, network.resolution
            patch = max(3, resolution // 8) if size is None else size
            found["gan"] = self._adversary(
                lambda: PatchDiscriminator(resolution=resolution, patch_size=patch, dims=dims), (patch, dims)
            )
        return found

    def _adversary(self, make: Callable[[], nn.Module], config: tuple[int, ...]) -> Adversary:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            module = make()
        return Adversary(
            module, config, settings=self._now, hardware=self._hardware, lanes=self._lanes, ranks=self._ranks
        )

    @property
    def batch_size(self) -> int:
        """Faces of each performer per iteration, on all ranks together."""
        return self._settings.batch_size

    def step(self) -> Tensor:
        """One update; returns the mean losses of src and dst, (2,) float32 on the device, not waited for.

        Of many ranks, each returns what its samples add to the mean.
        """
        try:
            return self._step()
        except BaseException:
            self.whole = not self._learner.touched
            raise

    def _step(self) -> Tensor:
        batch, share = self._now.batch_size, self._share
        drawn = {side: self._draw(side) for side in SIDES}  # here, for an order that never varies
        firsts = range(0, self._now.accumulate * batch, batch)
        parts = [slice(first + share.start, first + share.stop) for first in firsts]
        self._learner.begin(self._generator)
        if self._now.compile == "graphs":
            # Until the next step begins, a replay overwrites no result of another.
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
        with self._learner.backward(len(drawn) * len(parts)) as backward:
            seen = [self._run_pass([(side, one.part(part)) for side, one in drawn.items()], backward) for part in parts]
        src, dst = (Pass.joined(side) for side in zip(*seen, strict=True))
        self._learner.update()
        if self.average is not None:
            self.average.follow()
        self._teach(src, dst)
        self.iteration += 1
        src_loss = src.loss.mean() if dst.style is None else src.loss.mean() + dst.style.mean()
        losses = torch.stack([src_loss, dst.loss.mean()])
        return losses if self._ranks.count == 1 else losses * ((share.stop - share.start) / batch)

    def _run_pass(self, drawn: list[tuple[Side, Drawn]], backward: Callable[[Tensor], None]) -> list[Pass]:
        """Add the gradients of a part of the batch."""
        if self._now.accumulate == 1:
            return self._lanes.run(lambda given: self._learn(*given, backward), drawn)
        # Not side by side: of more than two summands, the order decides the sum's last digits.
        return [self._learn(*given, backward) for given in drawn]

    def _draw(self, side: Side) -> Drawn:
        settings, generator = self._now, self._generator
        indices = self._orders[side].take(settings.batch_size * settings.accumulate, generator)
        count = len(indices)
        src = side == "src"
        numbers = draw(
            count,
            generator,
            scale=settings.random_scale,
            flip=settings.random_src_flip if src else settings.random_dst_flip,
            hsv_power=settings.random_hsv_power if src else 0.0,
        )
        noise = self.network.draw_noise(count, generator) if src else None
        if not src or settings.ct_mode == "none":
            return Drawn(indices, numbers, noise)
        partners = self._orders["partners"].take(count, generator)
        return Drawn(indices, numbers, noise, partners, draw_directions(settings.ct_mode, count, generator))

    def _learn(self, side: Side, drawn: Drawn, backward: Callable[[Tensor], None]) -> Pass:
        """Add one performer's gradients to the parameters."""
        batch = self._batch(side, drawn)
        if side == "src":
            noise = None if drawn.noise is None else drawn.noise.to(self._hardware.device, non_blocking=True)
            found = self._objective.src(batch, noise)
        else:
            found = self._objective.dst(batch)
        backward(found.total())
        return found.detached()

    def _batch(self, side: Side, drawn: Drawn) -> Batch:
        settings, device, bank = self._now, self._hardware.device, self._banks[side]
        every = settings.unwarped_every
        warp = settings.random_warp and not (every and self.iteration % every == 0)
        rows = bank.rows(drawn.indices, device)
        if settings.accumulate == 1:  # read on while this batch is learned from
            bank.expect(self._orders[side].ahead(settings.batch_size)[self._share])
        if drawn.partners is not None and drawn.directions is not None:
            rows = recolor(
                rows,
                self._banks["dst"].rows(drawn.partners, device),
                mode=settings.ct_mode,
                directions=drawn.directions.to(device, non_blocking=True),
                masked=settings.ct_masked,
                resolution=bank.resolution,
            )
        return augment(rows, drawn.numbers.to(device), resolution=bank.resolution, warp=warp)

    def _teach(self, src: Pass, dst: Pass) -> None:
        """Let the discriminators learn from what the passes made."""
        if "true_face" in self._adversaries:
            self._adversaries["true_face"].learn(dst.code, src.code, self._generator)
        if "gan" in self._adversaries:
            shown = [(one.real, one.fake) for one in (src, dst) if one.real is not None and one.fake is not None]
            real, fake = (torch.cat(images) for images in zip(*shown, strict=True))
            self._adversaries["gan"].learn(real, fake, self._generator, share=0.5 if len(shown) == 1 else 0.125)

    def shown(self) -> AbstractContextManager[None]:
        """Within, the network has the weights that are shown and merged with."""
        return nullcontext() if self.average is None else self.average.in_use()

    def note(self) -> str:
        """What goes on beside the training, for a progress line; empty if nothing does."""
        return next((note for bank in self._banks.values() if (note := bank.note())), "")

    def tensors(self) -> dict[str, Tensor]:
        """Moments, discriminators, random state and sample orders; with weights and iteration, all there is."""
        return {
            _RANDOM: self._generator.get_state(),
            **{f"order.{name}": order.waiting for name, order in self._orders.items()},
            **self._learner.tensors(),
            **({} if self.average is None else {_AVERAGED: torch.tensor(self.average.seen)}),
            **self._resting,
            **{
                f"{name}.{key}": tensor
                for name, adversary in self._adversaries.items()
                for key, tensor in adversary.tensors().items()
            },
        }

    def restore(
        self,
        iteration: int,
        tensors: Mapping[str, Tensor],
        *,
        average: Mapping[str, Tensor] | None = None,
        random: bool = True,
    ) -> bool:
        """Go on from `iteration` with what `tensors` gave; the weights are the caller's part.

        A discriminator that is switched off meanwhile keeps its state for when it is switched on again.

        Args:
            average: the mean weights; None: they begin with the present ones.
            random: take up the random state too, so that the same batches follow; else new ones follow.

        Returns:
            False if the moments are another optimizer's, and so start from zero.

        Raises:
            UnderstudyError: the tensors are not those of such a training.
        """
        self.iteration = iteration
        with damage_told("the saved training state"):
            taken_up = self._learner.restore(tensors)
            if self.average is not None:
                seen = 0 if average is None else int(tensors[_AVERAGED])
                self.average.restore(average or self.network.state_dict(), seen)
            for name in ("gan", "true_face"):
                own = {key: tensor for key, tensor in tensors.items() if key.startswith(f"{name}.")}
                if name not in self._adversaries:
                    self._resting |= own
                elif own:
                    self._adversaries[name].restore({key.removeprefix(f"{name}."): own[key] for key in own})
            if random:
                self._generator.set_state(tensors[_RANDOM])
                for name, order in self._orders.items():
                    if f"order.{name}" in tensors:  # another faceset or option begins a new order
                        order.restore(tensors[f"order.{name}"])
        return taken_up or iteration == 0


def _let_learn(network: SwapNetwork, settings: TrainSettings) -> None:
    """Decide which parts learn; the others keep their weights, and their moments for later."""
    network.requires_grad_(True)
    resting = () if settings.train_inters else network.frozen
    if not settings.random_warp:
        resting += network.frozen_without_warp
    for name in resting:
        network.get_submodule(name).requires_grad_(False)
