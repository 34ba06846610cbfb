"""Optimizer moments in less of the device's memory: in bf16, in eight bits, or in the host's memory."""

import functools
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor
from torch.optim import Optimizer

from understudy.training.flat import flat, like, pieces_of

MomentsName = Literal["full", "bf16", "8bit", "host"]

_BLOCK = 256
_MIXING = -1640531535  # 2^32 over the golden ratio, as 32 bits with a sign: Knuth's multiplicative hash
_PIECE = 1 << 20  # numbers that are unpacked at a time, a multiple of the block
_SQUARES = frozenset({"v", "a", "exp_avg_sq"})  # moments that are never negative


class Packed(ABC):
    """A moment between two steps."""

    @abstractmethod
    def unpack(self) -> Tensor:
        """The moment as it was packed, or nearly; float32, on its parameter's device."""


class Half(Packed):
    """In bf16; squares are rounded up or down as often as they are near to either.

    To the nearest, what decays by a thousandth in a step would stand still, a third of bf16's own step.
    """

    def __init__(self, moment: Tensor, kind: str) -> None:
        if kind not in _SQUARES:
            self._moment = moment.bfloat16()
            return
        bits = moment.view(torch.int32)
        dither = (bits * _MIXING >> 16) & 0xFFFF  # as good as random, and the same in every run
        self._moment = (bits + dither >> 16).to(torch.int16).view(torch.bfloat16)

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
        blocks = torch.nn.functional.pad(flat(moment), (0, -moment.numel() % _BLOCK)).view(-1, _BLOCK)
        if self._squares:
            blocks = blocks.sqrt()
        self._scales = blocks.abs().amax(1, keepdim=True)  # (blocks, 1)
        levels = self._levels(blocks.device)
        between = (levels[1:] + levels[:-1]) / 2
        codes = torch.bucketize(blocks / self._scales.clamp_min(torch.finfo().tiny), between, out_int32=True)
        if self._squares:
            codes = torch.where(blocks > 0, codes.clamp_min(1), codes)
        self._codes = codes.to(torch.uint8)  # (blocks, 256)

    def unpack(self) -> Tensor:
        numbers = torch.empty_strided(self._shape, self._stride, device=self._codes.device)
        decoded = self._levels()[self._codes.int()].mul_(self._scales)
        flat(numbers).copy_((decoded.square_() if self._squares else decoded).flatten()[: numbers.numel()])
        return numbers

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
    """An optimizer whose moments are unpacked for a piece of a parameter at a time, while that is updated.

    Args:
        make: makes an optimizer that treats every weight by itself, of a list of tensors.
        parameters: to update.
        how: how moments are kept.
    """

    def __init__(self, make: Callable[[list[Tensor]], Optimizer], parameters: list[Tensor], how: MomentsName) -> None:
        self._make = make
        self._pieces = {
            parameter: [_Piece(make, piece, _PACKED[how]) for piece in pieces_of(parameter.detach(), _PIECE)]
            for parameter in parameters
        }
        every = itertools.chain.from_iterable(self._pieces.values())
        self.param_groups = [group for piece in every for group in piece.optimizer.param_groups]

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for parameter, pieces in self._pieces.items():
            if parameter.grad is not None:
                for piece, part in zip(pieces, pieces_of(like(parameter, parameter.grad), _PIECE), strict=True):
                    piece.step(part)

    def zero_grad(self) -> None:
        """Drop the gradients."""
        for parameter in self._pieces:
            parameter.grad = None

    @property
    def state(self) -> dict[Tensor, dict[str, Tensor]]:
        """Moments and counters, unpacked into the host's memory."""
        return {
            parameter: _joined(parameter, pieces) for parameter, pieces in self._pieces.items() if pieces[0].state()
        }

    def restore(self, fill: Callable[[Optimizer], None]) -> None:
        """Take up moments: `fill` gives an optimizer of whole parameters those that are its own."""
        for parameter, pieces in self._pieces.items():
            fill(whole := self._make([parameter]))
            state = whole.state[parameter]
            parts = {kind: pieces_of(like(parameter, moment), _PIECE) for kind, moment in state.items() if moment.ndim}
            for index, piece in enumerate(pieces):
                own = {kind: parts[kind][index] if kind in parts else moment for kind, moment in state.items()}
                piece.restore({kind: moment.clone() for kind, moment in own.items()})


class _Piece:
    """A piece of a parameter, flat, and what updates it."""

    def __init__(
        self, make: Callable[[list[Tensor]], Optimizer], weights: Tensor, pack: Callable[[Tensor, str], Packed]
    ) -> None:
        self.optimizer = make([weights])
        self._weights = weights
        self._pack = pack
        self._packed: dict[str, Packed] = {}

    def step(self, gradient: Tensor) -> None:
        self._weights.grad = gradient
        self.optimizer.state[self._weights].update(self._unpacked())
        self.optimizer.step()
        self._weights.grad = None
        self._pack_all()

    def state(self) -> dict[str, Tensor]:
        return {**self.optimizer.state[self._weights], **self._unpacked()}

    def restore(self, state: dict[str, Tensor]) -> None:
        self.optimizer.state[self._weights] = state
        self._pack_all()

    def _unpacked(self) -> dict[str, Tensor]:
        return {kind: moment.unpack() for kind, moment in self._packed.items()}

    def _pack_all(self) -> None:
        state = self.optimizer.state[self._weights]
        moments = {kind: state.pop(kind) for kind in list(state) if state[kind].ndim}
        self._packed = {kind: self._pack(moment, kind) for kind, moment in moments.items()}


def _joined(parameter: Tensor, pieces: list[_Piece]) -> dict[str, Tensor]:
    """The state of a whole parameter, from those of its pieces."""
    states = [piece.state() for piece in pieces]
    found = {}
    for kind, first in states[0].items():
        found[kind] = first
        if first.ndim:
            moment = torch.empty_strided(parameter.shape, parameter.stride())
            torch.cat([state[kind].cpu() for state in states], out=flat(moment))
            found[kind] = moment
    return found
