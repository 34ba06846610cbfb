"""Learning rate dropout: in each step most weights rest, and the step size swells and fades."""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor

KEEP = 0.3
"""Share of the weights that move in a step."""
PERIOD = 500
"""Steps from one full step size to the next; halfway it is zero."""


def pulse(step: int, period: int = PERIOD) -> float:
    """Factor of the learning rate in a step counted from 1: (cos(2 pi t / period) + 1) / 2."""
    return (math.cos(2 * math.pi * step / period) + 1) / 2


class UpdateDropout:
    """Draws which weights move, each by itself with chance 0.3 (Lin et al. 2019, "Learning Rate Dropout").

    Moments are kept up for all weights; a step is not made larger for the ones at rest.

    Args:
        device: where the random numbers are drawn; the CPU gives the same ones for every training device.
    """

    def __init__(self, device: torch.device) -> None:
        self._generator = Generator(device)

    def seed(self, seed: int) -> None:
        """What the next masks follow from."""
        self._generator.manual_seed(seed)

    def masks(self, parameters: Sequence[Tensor]) -> list[Tensor]:
        """Zeros and ones in the shapes and on the devices of `parameters`."""
        return [self._mask(parameter) for parameter in parameters]

    def _mask(self, parameter: Tensor) -> Tensor:
        # Four 16-bit numbers from each 64-bit draw: on a CPU a draw costs more than the update itself.
        draws = torch.empty(-(-parameter.numel() // 4), dtype=torch.int64, device=self._generator.device)
        numbers = draws.random_(-(2**63), None, generator=self._generator).view(torch.int16)
        below = numbers[: parameter.numel()] < round(KEEP * 2**16) - 2**15
        mask = torch.empty_like(parameter)
        return mask.copy_(below.view(parameter.shape))
