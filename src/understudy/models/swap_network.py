"""A swap network that can be trained, saved and loaded."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from torch import Tensor, nn

from understudy.faces.face import FaceType
from understudy.models.swap_model import SwapOutput

Config = dict[str, int | str]
"""A network's constructor arguments, as plain JSON values."""


class Reconstruction(NamedTuple):
    """One performer decoded as itself: float32 faces (B, 3, S, S) RGB and masks (B, 1, S, S), 0..1."""

    face: Tensor
    mask: Tensor


class SwapNetwork(nn.Module, ABC):
    """A `SwapModel` made of torch modules; subclasses are found by the entry-point group `understudy.models`.

    A subclass takes keyword arguments only, which `config` gives back.

    Attributes:
        kind: the entry point's name.
        resolution: side S of its square input and output in pixels.
        face_type: the crop geometry it is trained on.
    """

    kind: ClassVar[str]
    resolution: int
    face_type: FaceType

    @abstractmethod
    def config(self) -> Config:
        """The keyword arguments that make an equal network."""

    @abstractmethod
    def swap(self, images: Tensor) -> SwapOutput:
        """Swap aligned dst faces: (B, 3, S, S) RGB, 0..1."""

    @abstractmethod
    def reconstruct_src(self, images: Tensor) -> Reconstruction:
        """Decode src faces as src, one half of the training pass: (B, 3, S, S) RGB, 0..1."""

    @abstractmethod
    def reconstruct_dst(self, images: Tensor) -> Reconstruction:
        """Decode dst faces as dst, the other half of the training pass: (B, 3, S, S) RGB, 0..1."""
