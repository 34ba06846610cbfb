"""A discriminator in training: it learns to tell real from fake, and says how far a fake is from passing for real."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes
from understudy.training.learner import Learner
from understudy.training.ranks import ALONE, Ranks
from understudy.training.settings import TrainSettings


def cross_entropy(maps: tuple[Tensor, ...], *, real: bool) -> Tensor:
    """How far logit maps (B, 1, H, W) are from saying real, or fake: mean over each map, summed over maps, (B,)."""
    losses = [F.softplus(-logits if real else logits).mean((1, 2, 3)) for logits in maps]
    return torch.stack(losses).sum(0)


class Adversary:
    """A discriminator with its optimizer.

    It learns from the very tensors that the network's pass made, of before the network's update: making them anew from
    the updated network, as the field's program does, takes half a pass more and changes nothing that can be measured.

    Args:
        module: gives a logit map, or a tuple of them, larger for real ones.
        config: the numbers that decide its shape; a checkpoint of another config is not taken up.
        ranks: each judge a part of what is shown.
    """

    def __init__(
        self,
        module: nn.Module,
        config: tuple[int, ...],
        *,
        settings: TrainSettings,
        hardware: Hardware,
        lanes: Lanes,
        ranks: Ranks = ALONE,
    ) -> None:
        module.to(hardware.device)
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing from torch's stubs
        self._learner = Learner(module, settings=settings, device=hardware.device, lanes=lanes, ranks=ranks)
        self._module = module.train().requires_grad_(False)
        self._config = torch.tensor(config)
        self._hardware = hardware
        self._lanes = lanes

    def fooled(self, fake: Tensor) -> Tensor:
        """What a network lowers to make `fake` pass for real, per sample: (B,)."""
        return cross_entropy(self._judge(fake), real=True)

    def learn(self, real: Tensor, fake: Tensor, generator: Generator, *, share: float = 0.5) -> None:
        """One step: real ones and fake ones on a lane each, their cross entropies times `share` summed over samples."""
        self._learner.begin(generator)
        self._module.requires_grad_(True)
        self._lanes.run(lambda given: self._lean(*given, share=share), [(real, True), (fake, False)])
        self._module.requires_grad_(False)
        self._learner.update()

    def _lean(self, shown: Tensor, real: bool, *, share: float) -> None:
        loss = share * cross_entropy(self._judge(shown), real=real).sum()
        loss.backward()  # type: ignore[no-untyped-call]

    def _judge(self, shown: Tensor) -> tuple[Tensor, ...]:
        with self._hardware.autocast():
            maps = self._module(shown)
        return tuple(logits.float() for logits in (maps if isinstance(maps, tuple) else (maps,)))

    def tensors(self) -> dict[str, Tensor]:
        """Weights, moments and shape."""
        weights = {f"weights.{name}": tensor for name, tensor in self._module.state_dict().items()}
        return {"config": self._config, **weights, **self._learner.tensors()}

    def restore(self, tensors: Mapping[str, Tensor]) -> bool:
        """Take up what `tensors` gave; False if there is none, or it is of another shape: then it begins anew.

        Raises:
            RuntimeError: a tensor does not fit.
        """
        if not torch.equal(tensors.get("config", torch.empty(0)), self._config):
            return False
        weights = {name.removeprefix("weights."): tensors[name] for name in tensors if name.startswith("weights.")}
        self._module.load_state_dict(weights)
        self._learner.restore(tensors)
        return True
