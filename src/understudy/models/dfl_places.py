"""Where each weight of a network lies in the weight files of DeepFaceLab 2, and in what order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import singledispatch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from understudy.models.amp import AMP
from understudy.models.archi import Archi
from understudy.models.code_discriminator import CodeDiscriminator
from understudy.models.patch_discriminator import PatchDiscriminator
from understudy.models.saehd import SAEHD
from understudy.models.xseg import XSeg


@dataclass(frozen=True)
class WeightPlace:
    """One weight here and there.

    The files hold convolutions as (kh, kw, in, out) and dense layers as (in, out); colours are BGR; a convolution that
    feeds a depth-to-space orders its channels block first, `depth_to_space` wants them block last.

    Attributes:
        parameter: name in the network's state dict.
        network: name of the file's network.
        key: name inside that file.
        shuffled: feeds a depth-to-space.
        color_in, color_out: input or output channels are a colour.
    """

    parameter: str
    network: str
    key: str
    shuffled: bool = False
    color_in: bool = False
    color_out: bool = False

    def from_file(self, array: NDArray[np.float32]) -> Tensor:
        """The file's array in this package's order."""
        array = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T
        if self.shuffled:
            array = array.reshape(4, -1, *array.shape[1:]).swapaxes(0, 1).reshape(array.shape)
        return torch.from_numpy(np.array(self._flip(array), np.float32, order="C"))

    def to_file(self, tensor: Tensor) -> NDArray[np.float32]:
        """The tensor in the file's order, C-contiguous."""
        array = self._flip(tensor.detach().float().cpu().numpy())
        if self.shuffled:
            array = array.reshape(-1, 4, *array.shape[1:]).swapaxes(0, 1).reshape(array.shape)
        return np.ascontiguousarray(array.transpose(2, 3, 1, 0) if array.ndim == 4 else array.T)

    def _flip(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.color_in and array.ndim == 4:
            array = array[:, ::-1]
        return array[::-1] if self.color_out else array


def file_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that a weight of `shape` has in the files."""
    return (shape[2], shape[3], shape[1], shape[0]) if len(shape) == 4 else shape[::-1]


Layer = tuple[str, str]
"""Our name of a layer within its part of the network, and the file's."""


@singledispatch
def weight_places(model: nn.Module) -> list[WeightPlace]:
    """Every weight of `model` with its place in the old files, in the order of those files.

    Raises:
        TypeError: the old program has no such network.
    """
    raise TypeError(f"the old program has no {type(model).__name__}")


@weight_places.register
def _saehd(model: SAEHD) -> list[WeightPlace]:
    archi = Archi.parse(model.archi)
    inter = [("dense1", "dense1"), ("dense2", "dense2")]
    if not archi.deep:
        inter.append(("upscale.conv", "upscale1/conv1"))
    inters = {"inter_ab": "inter_AB", "inter_b": "inter_B"} if model.shared_decoder else {"inter": "inter"}
    decoders = ("decoder",) if model.shared_decoder else ("decoder_src", "decoder_dst")
    places = list(_places("encoder", "encoder", _encoder(archi)))
    for ours, theirs in inters.items():
        places += _places(ours, theirs, inter)
    for decoder in decoders:
        places += _places(decoder, decoder, _decoder(archi))
    return places


@weight_places.register
def _amp(model: AMP) -> list[WeightPlace]:  # noqa: ARG001
    archi = Archi.parse("df-udt")
    places = list(_places("encoder", "encoder", _encoder(archi)))
    places += _places("", "encoder", [("dense", "dense1")])
    for inter in ("inter_src", "inter_dst"):
        places += _places(inter, inter, [("dense", "dense2")])
    return [*places, *_places("decoder", "decoder", _decoder(archi, amp=True))]


@weight_places.register
def _code_discriminator(model: CodeDiscriminator) -> list[WeightPlace]:
    layers = [*((f"convs.{i}", f"convs_{i}") for i in range(len(model.convs))), ("out_conv", "out_conv")]
    return list(_places("", "code_discriminator", layers))


@weight_places.register
def _patch_discriminator(model: PatchDiscriminator) -> list[WeightPlace]:
    stages = range(len(model.convs))
    layers = [("in_conv", "in_conv"), *((f"convs.{i}", f"convs_{i}") for i in stages)]
    layers += [(f"upconvs.{i}", f"upconvs_{i}") for i in stages]
    layers += [(name, name) for name in ("out_conv", "center_out", "center_conv")]
    return list(_places("", "GAN", layers))


@weight_places.register
def _xseg(model: XSeg) -> list[WeightPlace]:
    parts = {
        "conv.weight": "conv/weight",
        "conv.bias": "conv/bias",
        "norm.weight": "frn/weight",
        "norm.bias": "frn/bias",
        "norm.eps": "frn/eps",
        "norm.tau": "tlu/tau",
    }
    places = [
        WeightPlace(f"blocks.{name}.{ours}", "256", f"{name}/{theirs}:0", color_in=name == "conv01")
        for name in model.blocks
        for ours, theirs in parts.items()
    ]
    return [*places, *_places("", "256", [(name, name) for name in ("dense1", "dense2", "out_conv")])]


def _places(ours: str, network: str, layers: Iterable[Layer]) -> Iterator[WeightPlace]:
    """The places of the layers of one part of a network."""
    for layer, key in layers:
        for part in ("weight", "bias"):
            yield WeightPlace(
                f"{ours}.{layer}.{part}".removeprefix("."),
                network,
                f"{key}/{part}:0",
                shuffled=key.startswith("upscale"),
                color_in=key in _SEE_COLOR,
                color_out=key in _MAKE_COLOR and network.startswith("decoder"),
            )


_SEE_COLOR = frozenset({"down1/downs_0/conv1", "down1/conv1", "in_conv"})
_MAKE_COLOR = frozenset({"out_conv", "out_conv1", "out_conv2", "out_conv3"})


def _encoder(archi: Archi) -> list[Layer]:
    if not archi.deep:
        return [(f"layers.{i}.conv", f"down1/downs_{i}/conv1") for i in range(4)]
    names = ["down1", "res1", "down2", "down3", "down4", "down5", "res5"]
    layers: list[Layer] = []
    for i, name in enumerate(names):
        if name.startswith("res"):
            layers += [(f"layers.{i}.conv1", f"{name}/conv1"), (f"layers.{i}.conv2", f"{name}/conv2")]
        else:
            layers.append((f"layers.{i}.conv", f"{name}/conv1"))
    return layers


def _decoder(archi: Archi, *, amp: bool = False) -> list[Layer]:
    ups = 4 if archi.deep else 3
    body = [(f"color.{2 * i}.conv", f"upscale{i}/conv1") for i in range(ups)]
    body += [(f"color.{2 * i + 1}.conv{n}", f"res{i}/conv{n}") for i in range(ups) for n in (1, 2)]
    mask = [(f"mask.{i}.conv", f"upscalem{i}/conv1") for i in range(ups + archi.double)]
    mask_out = (f"mask.{len(mask)}", "out_convm")
    if archi.double:
        color_out = [(f"color.{2 * ups}.convs.{n}", f"out_conv{n or ''}") for n in range(4)]
    else:
        color_out = [(f"color.{2 * ups}", "out_conv")]
    if amp:
        return [*body, *mask, mask_out, *color_out]
    return [*body, *mask[:ups], *color_out, *mask[ups:], mask_out]
