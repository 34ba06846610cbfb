"""The moments of an optimizer in DeepFaceLab's files: for each weight one array like it, under a longer name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from understudy.models.dfl_places import WeightPlace, file_shape, weight_places
from understudy.models.swap_network import SwapNetwork
from understudy.project.errors import UnderstudyError

Rule = Literal["adabelief", "rmsprop"]

_KINDS: dict[Rule, dict[str, str]] = {"adabelief": {"m": "ms", "v": "vs"}, "rmsprop": {"a": "acc"}}
_COUNTER = "iters:0"


@dataclass(frozen=True, eq=False)
class Moments:
    """What an optimizer remembers of one module.

    Attributes:
        rule: which optimizer.
        updates: updates so far.
        tensors: by kind and parameter, such as `m.encoder.layers.0.conv.weight`; kinds are m and v of AdaBelief, a of
            RMSprop.
    """

    rule: Rule
    updates: int
    tensors: Mapping[str, Tensor]


def moments_from_dfl(
    model: nn.Module, arrays: Mapping[str, NDArray[Any]], scopes: Mapping[str, str]
) -> tuple[Moments, int]:
    """Read an optimizer file's arrays; also how many of the weights had none.

    Args:
        scopes: the file's name of a network where it is not the network's own.

    Raises:
        UnderstudyError: an array has another shape than its weight, or the counter is no number.
    """
    rule: Rule = "rmsprop" if any(key.startswith("acc_") for key in arrays) else "adabelief"
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    tensors: dict[str, Tensor] = {}
    missing = 0
    for place in _trained_places(model):
        found = {kind: arrays.get(_key(prefix, place, scopes)) for kind, prefix in _KINDS[rule].items()}
        if any(array is None for array in found.values()):
            missing += 1
            continue
        for kind, array in found.items():
            if array is None or array.shape != file_shape(shapes[place.parameter]):
                raise UnderstudyError(f"the moment {kind} of {place.network}/{place.key} has another shape than it")
            tensors[f"{kind}.{place.parameter}"] = place.from_file(array)
    counter = arrays.get(_COUNTER)
    if counter is None or counter.size != 1 or not 0 <= float(counter.reshape(())) < 2**53:
        raise UnderstudyError("the optimizer's file has no counter of its updates")
    return Moments(rule, int(counter.reshape(())), tensors), missing


def moments_to_dfl(model: nn.Module, moments: Moments, scopes: Mapping[str, str]) -> dict[str, Any]:
    """The arrays of an optimizer's file, in its order; weights without moments get zeros.

    Parts of a network that the old program never trains are left out.

    Args:
        scopes: the file's name of a network where it is not the network's own.

    Raises:
        UnderstudyError: a moment has another shape than its weight.
    """
    arrays: dict[str, Any] = {_COUNTER: np.int64(moments.updates)}
    places = _trained_places(model)
    state = model.state_dict()
    for kind, prefix in _KINDS[moments.rule].items():
        for place in places:
            tensor = moments.tensors.get(f"{kind}.{place.parameter}")
            tensor = (
                state[place.parameter].new_zeros(()).expand_as(state[place.parameter]) if tensor is None else tensor
            )
            if tensor.shape != state[place.parameter].shape:
                raise UnderstudyError(f"the moment {kind}.{place.parameter} has another shape than its weight")
            arrays[_key(prefix, place, scopes)] = place.to_file(tensor)
    return arrays


def _trained_places(model: nn.Module) -> list[WeightPlace]:
    frozen = model.frozen if isinstance(model, SwapNetwork) else ()
    return [place for place in weight_places(model) if place.parameter.partition(".")[0] not in frozen]


def _key(prefix: str, place: WeightPlace, scopes: Mapping[str, str]) -> str:
    return f"{prefix}_{scopes.get(place.network, place.network)}/{place.key.removesuffix(':0')}_0:0"
