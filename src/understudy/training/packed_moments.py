"""Optimizer moments in less of the device's memory: in bf16, in eight bits, or in the host's memory."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.optim import Optimizer

from understudy.training.choices import MomentsName

_BLOCK = 256
_PIECE = 1 << 20  # numbers that are coded at a time, a multiple of the block
_SQUARES = frozenset({"v", "a", "exp_avg_sq"})  # moments that are never negative


class Packed(ABC):
    """A moment between two steps."""

    @abstractmethod
    def unpack(self) -> Tensor:
        """The moment as it was packed, or nearly; float32, on its parameter's device."""


class Half(Packed):
    """In bf16."""

    def __init__(self, moment: Tensor, _: str) -> None:
        self._moment = moment.bfloat16()

    def unpack(self) -> Tensor:
        return self._moment.float()


class OnHost(Packed):
    """In the host's memory."""

    def __init__(self, moment: Tensor, _: str) -> None:
        self._device = moment.device
        self._moment = moment.to("cpu")

    def unpack(self) -> Tensor:
        return self._moment.to(self._device)


class EightBits(Packed):
    """In eight bits and a scale for every 256 numbers (Dettmers et al. 2022, block-wise dynamic quantisation).

    Of squares the roots are kept, which are what the update divides by, and none but zero becomes zero.
    """

    def __init__(self, moment: Tensor, kind: str) -> None:
        self._squares = kind in _SQUARES
        self._shape, self._stride = moment.shape, moment.stride()
        flat = moment.as_strided((moment.numel(),), (1,))  # in the order of memory, whatever the layout
        pieces = [self._encode(piece) for piece in torch.split(flat, _PIECE)]
        self._codes, self._scales = (torch.cat(parts) for parts in zip(*pieces, strict=True))

    def unpack(self) -> Tensor:
        numbers = torch.empty_strided(self._shape, self._stride, device=self._codes.device)
        flat = numbers.as_strided((numbers.numel(),), (1,))
        rows = _PIECE // _BLOCK
        pieces = (torch.split(one, size) for one, size in ((flat, _PIECE), (self._codes, rows), (self._scales, rows)))
        for piece, codes, scales in zip(*pieces, strict=True):
            decoded = self._levels()[codes.int()].mul_(scales)
            piece.copy_((decoded.square_() if self._squares else decoded).flatten()[: len(piece)])
        return numbers

    def _encode(self, piece: Tensor) -> tuple[Tensor, Tensor]:
        """Codes (blocks, 256) uint8 and scales (blocks, 1) float32."""
        blocks = torch.nn.functional.pad(piece, (0, -len(piece) % _BLOCK)).view(-1, _BLOCK)
        if self._squares:
            blocks = blocks.sqrt()
        scales = blocks.abs().amax(1, keepdim=True)
        levels = self._levels(blocks.device)
        between = (levels[1:] + levels[:-1]) / 2
        codes = torch.bucketize(blocks / scales.clamp_min(torch.finfo().tiny), between, out_int32=True)
        if self._squares:
            codes = torch.where(blocks > 0, codes.clamp_min(1), codes)
        return codes.to(torch.uint8), scales

    def _levels(self, device: torch.device | None = None) -> Tensor:
        return _levels(signed=not self._squares, device=device or self._codes.device)


@functools.lru_cache(maxsize=8)
def _levels(*, signed: bool, device: torch.device) -> Tensor:
    """At most 256 numbers in -1..1 or 0..1, rising: decades, of which each holds twice as many as the one below it."""
    decades = 6 if signed else 7
    positive = [torch.ones(1, dtype=torch.float64)]
    for decade in range(decades):
        edges = torch.linspace(0.1, 1, 2 ** (decade + 1) + 1, dtype=torch.float64)
        positive.append((edges[1:] + edges[:-1]) / 2 * 10.0 ** (decade - decades + 1))
    above = torch.cat(positive)
    zero = torch.zeros(1, dtype=torch.float64)
    levels = torch.cat([-above, zero, above] if signed else [zero, above])
    return levels.sort().values.to(device, torch.float32)


_PACKED: Mapping[MomentsName, type[Half] | type[EightBits] | type[OnHost]] = {
    "bf16": Half,
    "8bit": EightBits,
    "host": OnHost,
}


class PackedOptimizer:
    """An optimizer whose moments are unpacked for one parameter at a time, while that is updated.

    Args:
        make: makes the optimizer of one parameter.
        parameters: to update.
        how: how moments are kept.
    """

    def __init__(self, make: Callable[[list[Tensor]], Optimizer], parameters: list[Tensor], how: MomentsName) -> None:
        self._pack = _PACKED[how]
        self._each = [(parameter, make([parameter])) for parameter in parameters]
        self._packed: dict[Tensor, dict[str, Packed]] = {}
        self.param_groups = [group for _, optimizer in self._each for group in optimizer.param_groups]

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for parameter, optimizer in self._each:
            if parameter.grad is not None:
                optimizer.state[parameter].update(self._unpack(parameter))
                optimizer.step()
                self._pack_all(parameter, optimizer)

    def zero_grad(self) -> None:
        """Drop the gradients."""
        for parameter, _ in self._each:
            parameter.grad = None

    @property
    def state(self) -> dict[Tensor, dict[str, Tensor]]:
        """Moments and counters, unpacked into the host's memory."""
        return {
            parameter: {
                **optimizer.state[parameter],
                **{kind: moment.cpu() for kind, moment in self._unpack(parameter).items()},
            }
            for parameter, optimizer in self._each
            if optimizer.state[parameter] or parameter in self._packed
        }

    def restore(self, fill: Callable[[Optimizer], None]) -> None:
        """Take up moments: `fill` gives the optimizer of one parameter those that are its own."""
        for parameter, optimizer in self._each:
            fill(optimizer)
            self._pack_all(parameter, optimizer)

    def _unpack(self, parameter: Tensor) -> dict[str, Tensor]:
        return {kind: moment.unpack() for kind, moment in self._packed.get(parameter, {}).items()}

    def _pack_all(self, parameter: Tensor, optimizer: Optimizer) -> None:
        state = optimizer.state[parameter]
        moments = {kind: state.pop(kind) for kind in list(state) if state[kind].ndim}
        self._packed[parameter] = {kind: self._pack(moment, kind) for kind, moment in moments.items()}
