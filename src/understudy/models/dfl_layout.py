"""Where each weight of a network lies in the weight files of DeepFaceLab 2, and in what order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from understudy.models.archi import Archi
from understudy.models.saehd import SAEHD
from understudy.project.errors import UnderstudyError

DflArrays = dict[str, dict[str, NDArray[np.float32]]]
"""Network name (`encoder`, `decoder_src`, ...) to file key (`upscale0/conv1/weight:0`, ...) to array."""


@dataclass(frozen=True)
class WeightPlace:
    """One weight here and there.

    The files hold convolutions as (kh, kw, in, out) and dense layers as (in, out); colours are BGR; a convolution that
    feeds a depth-to-space orders its channels block first, `torch.nn.functional.pixel_shuffle` wants them block last.

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


def weight_places(model: SAEHD) -> list[WeightPlace]:
    """Every weight of `model` with its place in the old files, in the order of those files."""
    archi = Archi.parse(model.archi)
    return [
        WeightPlace(
            f"{ours}.{layer}.{part}",
            network,
            f"{key}/{part}:0",
            shuffled=key.startswith("upscale"),
            color_in=ours == "encoder" and layer == "layers.0.conv",
            color_out=key.startswith("out_conv") and key != "out_convm",
        )
        for ours, network, layers in _networks(archi)
        for layer, key in layers
        for part in ("weight", "bias")
    ]


def to_dfl(model: SAEHD) -> DflArrays:
    """The weights as the old files hold them."""
    state = model.state_dict()
    arrays: DflArrays = {}
    for place in weight_places(model):
        arrays.setdefault(place.network, {})[place.key] = place.to_file(state[place.parameter])
    return arrays


def from_dfl(model: SAEHD, arrays: Mapping[str, Mapping[str, NDArray[np.float32]]]) -> None:
    """Fill `model` with the weights of old files.

    Raises:
        UnderstudyError: a weight is absent or has another size; the model is then unchanged.
    """
    expected = {name: tensor.shape for name, tensor in model.state_dict().items()}
    state: dict[str, Tensor] = {}
    for place in weight_places(model):
        try:
            array = arrays[place.network][place.key]
        except KeyError:
            raise UnderstudyError(
                f"the old model has no {place.network}/{place.key}: it is no {model.archi}, or a file is missing"
            ) from None
        shape = expected[place.parameter]
        if array.shape != ((shape[2], shape[3], shape[1], shape[0]) if len(shape) == 4 else tuple(reversed(shape))):
            raise UnderstudyError(
                f"{place.network}/{place.key} has shape {array.shape}: the model's options ask for another"
            )
        state[place.parameter] = place.from_file(array)
    model.load_state_dict(state)


def _networks(archi: Archi) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Our submodule, the old file's network, and pairs of (our layer, old layer)."""
    yield "encoder", "encoder", _encoder_layers(archi)
    inters = {"inter": "inter"} if archi.wiring == "df" else {"inter_ab": "inter_AB", "inter_b": "inter_B"}
    for ours, theirs in inters.items():
        layers = [("dense1", "dense1"), ("dense2", "dense2")]
        yield ours, theirs, layers if archi.deep else [*layers, ("upscale.conv", "upscale1/conv1")]
    for name in ("decoder_src", "decoder_dst") if archi.wiring == "df" else ("decoder",):
        yield name, name, _decoder_layers(archi)


def _encoder_layers(archi: Archi) -> list[tuple[str, str]]:
    if not archi.deep:
        return [(f"layers.{i}.conv", f"down1/downs_{i}/conv1") for i in range(4)]
    names = ["down1", "res1", "down2", "down3", "down4", "down5", "res5"]
    layers: list[tuple[str, str]] = []
    for i, name in enumerate(names):
        if name.startswith("res"):
            layers += [(f"layers.{i}.conv1", f"{name}/conv1"), (f"layers.{i}.conv2", f"{name}/conv2")]
        else:
            layers.append((f"layers.{i}.conv", f"{name}/conv1"))
    return layers


def _decoder_layers(archi: Archi) -> list[tuple[str, str]]:
    ups = 4 if archi.deep else 3
    mask_ups = ups + archi.double
    layers = [(f"color.{2 * i}.conv", f"upscale{i}/conv1") for i in range(ups)]
    layers += [(f"color.{2 * i + 1}.conv{n}", f"res{i}/conv{n}") for i in range(ups) for n in (1, 2)]
    layers += [(f"mask.{i}.conv", f"upscalem{i}/conv1") for i in range(mask_ups)]
    if archi.double:
        layers += [(f"color.{2 * ups}.convs.{n}", f"out_conv{n or ''}") for n in range(4)]
    else:
        layers.append((f"color.{2 * ups}", "out_conv"))
    return [*layers, (f"mask.{mask_ups}", "out_convm")]
