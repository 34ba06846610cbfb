"""The mean of a network's weights over its last iterations: steadier than any single set of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_EVERY = 8  # iterations between two looks at the weights: over hundreds of them, more change nothing but the time


class WeightAverage:
    """Exponential moving average of the weights (Polyak and Juditsky 1992; as in Karras et al. 2018, section 4).

    A set of weights counts half as much as one that is `half_life` iterations younger. Until so many iterations have
    been seen, all count alike.

    Attributes:
        seen: iterations since the average began.

    Args:
        module: whose parameters are followed; on its device already.
        half_life: in iterations.
    """

    def __init__(self, module: nn.Module, *, half_life: int) -> None:
        self.seen = 0
        self._parameters = dict(module.named_parameters())
        self._half_life = half_life
        self._means = {name: p.detach().clone() for name, p in self._parameters.items()}

    @torch.no_grad()
    def follow(self) -> None:
        """Take notice of an iteration."""
        self.seen += 1
        if self.seen % _EVERY == 0:
            share = max(1 - 0.5 ** (_EVERY / self._half_life), _EVERY / self.seen)
            for name, parameter in self._parameters.items():
                self._means[name].lerp_(parameter, share)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Within, the module has the mean weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for name, parameter in self._parameters.items():
            parameter.data, self._means[name] = self._means[name], parameter.data

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """The means by the parameters' names."""
        return self._means

    def restore(self, weights: Mapping[str, Tensor], seen: int) -> None:
        """Go on from saved means."""
        self.seen = seen
        for name, mean in self._means.items():
            mean.copy_(weights[name])
