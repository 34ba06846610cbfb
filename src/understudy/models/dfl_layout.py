"""Weights into the arrays of DeepFaceLab 2's weight files and back."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from understudy.models.dfl_places import file_shape, weight_places
from understudy.project.errors import UnderstudyError

DflArrays = dict[str, dict[str, NDArray[np.float32]]]
"""Network name (`encoder`, `decoder_src`, ...) to file key (`upscale0/conv1/weight:0`, ...) to array."""


def to_dfl(model: nn.Module) -> DflArrays:
    """The weights as the old files hold them."""
    state = model.state_dict()
    arrays: DflArrays = {}
    for place in weight_places(model):
        arrays.setdefault(place.network, {})[place.key] = place.to_file(state[place.parameter])
    return arrays


def from_dfl(
    model: nn.Module, arrays: Mapping[str, Mapping[str, NDArray[np.float32]]], *, keep: Collection[str] = ()
) -> None:
    """Fill `model`, which may be on the meta device, with the weights of old files.

    Args:
        keep: networks whose weights stay as they are.

    Raises:
        UnderstudyError: a weight is absent or has another size; the model is then unchanged.
    """
    state: dict[str, Tensor] = dict(model.state_dict())
    for place in weight_places(model):
        if place.network in keep:
            continue
        try:
            array = arrays[place.network][place.key]
        except KeyError:
            raise UnderstudyError(
                f"the old model has no {place.network}/{place.key}: a file is missing, or its options are not these"
            ) from None
        if array.shape != file_shape(tuple(state[place.parameter].shape)):
            raise UnderstudyError(
                f"{place.network}/{place.key} has shape {array.shape}: the model's options ask for another"
            )
        state[place.parameter] = place.from_file(array)
    model.load_state_dict(state, assign=True)
