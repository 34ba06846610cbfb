"""A swap network that can be trained, saved and loaded."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar, NamedTuple, Protocol

from torch import Generator, Tensor, nn

from understudy.faces.face import FaceType
from understudy.models.initialization import initialize
from understudy.models.swap_model import Morph, SwapOutput

Config = dict[str, int | str | float]
"""A network's constructor arguments, as plain JSON values."""


class Reconstruction(NamedTuple):
    """A decoded code: float32 faces (B, 3, S, S) RGB and masks (B, 1, S, S), 0..1."""

    face: Tensor
    mask: Tensor


class FaceDecoder(Protocol):
    """From a code to a face and its mask; each can be had without computing the other."""

    def decode_face(self, code: Tensor) -> Tensor:
        """Faces (B, 3, S, S) RGB, float32, 0..1."""

    def decode_mask(self, code: Tensor) -> Tensor:
        """Masks (B, 1, S, S), float32, 0..1."""


class SwapNetwork(nn.Module, ABC):
    """A `SwapModel` made of torch modules; subclasses are found by the entry-point group `understudy.models`.

    A face becomes features (`encode`), features become a code, and a decoder makes face and mask of the code. Three
    codes can be made: of src as src (`src_code`), of dst as dst (`dst_code`), of dst as src (`swap_code`). Training
    and merging take these steps one by one where they need but a part, as in

        features = network.encode(torch.cat([src, dst]))
        code = network.dst_code(features[len(src):])
        face = network.dst_decoder().decode_face(code)

    A subclass takes keyword arguments only, which `config` gives back.

    Attributes:
        kind: the entry point's name.
        resolution: side S of its square input and output in pixels.
        face_type: the crop geometry it is trained on.
        frozen: names of submodules that keep their initial values, unless the user wants them trained.
        frozen_without_warp: names of submodules that learn only while the random warp is on.
        renewed_after_pretraining: names of submodules that start anew (`renew`) when pretraining ends.
        true_face_shape: (channels, height, width) of the codes that a true-face discriminator compares, those of
            `src_code` and `dst_code`; None where codes differ between performers by construction.
        ca_weights: new weights are convolution-aware.
        morphs: `swap_code` and `swap` heed their morph value.
    """

    kind: ClassVar[str]
    morphs: ClassVar[bool] = False
    resolution: int
    face_type: FaceType
    frozen: tuple[str, ...] = ()
    frozen_without_warp: tuple[str, ...] = ()
    renewed_after_pretraining: tuple[str, ...] = ()
    true_face_shape: tuple[int, int, int] | None = None
    ca_weights: bool = False

    @abstractmethod
    def config(self) -> Config:
        """The keyword arguments that make an equal network."""

    @abstractmethod
    def encode(self, images: Tensor) -> Tensor:
        """Features of either performer's faces: (B, 3, S, S) RGB, 0..1, to any shape that begins with B."""

    @abstractmethod
    def src_code(self, features: Tensor, noise: Tensor | None = None) -> Tensor:
        """Code of src faces; `noise` from `draw_noise` in training, None to look at the result."""

    @abstractmethod
    def dst_code(self, features: Tensor) -> Tensor:
        """Code of dst faces that decodes to dst."""

    @abstractmethod
    def swap_code(self, features: Tensor, *, morph: Morph = 1.0) -> Tensor:
        """Code of dst faces that decodes to src; `morph` 0..1 is the share of src's likeness where `morphs` is set."""

    def swap_and_dst_code(self, features: Tensor, *, morph: Morph = 1.0) -> tuple[Tensor, Tensor]:
        """`swap_code` and `dst_code` of the same faces, without computing twice what they share."""
        return self.swap_code(features, morph=morph), self.dst_code(features)

    @abstractmethod
    def src_decoder(self) -> FaceDecoder:
        """The decoder of src and swap codes."""

    @abstractmethod
    def dst_decoder(self) -> FaceDecoder:
        """The decoder of dst codes; the same as src's where performers share it."""

    def draw_noise(self, count: int, generator: Generator) -> Tensor | None:  # noqa: ARG002
        """Random numbers for `count` samples of `src_code`, drawn from a CPU generator; None: it needs none."""
        return None

    def decode_src(self, code: Tensor) -> Reconstruction:
        """Face and mask of a src or swap code."""
        decoder = self.src_decoder()
        return Reconstruction(decoder.decode_face(code), decoder.decode_mask(code))

    def decode_dst(self, code: Tensor) -> Reconstruction:
        """Face and mask of a dst code."""
        decoder = self.dst_decoder()
        return Reconstruction(decoder.decode_face(code), decoder.decode_mask(code))

    def reconstruct_src(self, images: Tensor, noise: Tensor | None = None) -> Reconstruction:
        """Decode src faces as src, one half of the training pass: (B, 3, S, S) RGB, 0..1."""
        return self.decode_src(self.src_code(self.encode(images), noise))

    def reconstruct_dst(self, images: Tensor) -> Reconstruction:
        """Decode dst faces as dst, the other half of the training pass: (B, 3, S, S) RGB, 0..1."""
        return self.decode_dst(self.dst_code(self.encode(images)))

    def swap(self, images: Tensor, *, morph: Morph = 1.0) -> SwapOutput:
        """Swap aligned dst faces: (B, 3, S, S) RGB, 0..1."""
        code, dst_code = self.swap_and_dst_code(self.encode(images), morph=morph)
        face, mask = self.decode_src(code)
        return SwapOutput(face, mask, self.dst_decoder().decode_mask(dst_code))

    def renew(self, parts: Iterable[str]) -> None:
        """Give the submodules of these names new initial weights, drawn from torch's global random state."""
        for name in parts:
            initialize(self.get_submodule(name), convolution_aware=self.ca_weights)
