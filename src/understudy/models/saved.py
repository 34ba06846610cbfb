"""A swap network in one safetensors file: the weights, and in its header what network they belong to."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from understudy.models.kinds import create_model
from understudy.models.swap_network import SwapNetwork
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError

HEADER_KEY = "understudy.model"
HEADER_VERSION = 1


def save_model(model: SwapNetwork, path: Path) -> None:
    """Write `model` to `path` atomically, float32.

    Raises:
        UnderstudyError: the file cannot be written.
    """
    header = {"version": HEADER_VERSION, "kind": model.kind, "config": model.config()}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={HEADER_KEY: json.dumps(header)})


def load_model(path: Path, device: torch.device | str = "cpu") -> SwapNetwork:
    """Read a network written by `save_model`, in evaluation mode, on `device`.

    Names, shapes and types in the file are compared with the network that its header describes before anything of
    that size is allocated.

    Raises:
        UnderstudyError: the file is absent, damaged, or not a swap network of this program.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            with torch.device("meta"):
                model = _described(path, file.metadata() or {})
            fill(model, file, path)
    except (OSError, SafetensorError) as error:
        raise UnderstudyError(f"cannot read the model {path}: {error}; restore it from a backup") from error
    return model.to(device).eval()


def fill(network: nn.Module, file: Any, path: Path) -> None:
    """Give a network on the meta device the weights of an open safetensors file, if it holds these and no others.

    Args:
        network: without memory for its weights.
        file: as `safe_open` gives it.
        path: of the file, for the message.

    Raises:
        UnderstudyError: names, shapes or types in the file are not the network's.
    """
    expected = {name: list(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
    if {name: part.get_shape() for name, part in found.items()} != expected or any(
        part.get_dtype() != "F32" for part in found.values()
    ):
        raise UnderstudyError(f"{path} does not hold the weights its header speaks of: restore it from a backup")
    network.load_state_dict({name: file.get_tensor(name) for name in expected}, assign=True)


def _described(path: Path, metadata: dict[str, str]) -> SwapNetwork:
    """The network, without memory for its weights, that the header describes."""
    try:
        header: Any = json.loads(metadata[HEADER_KEY])
        version, kind, config = header["version"], header["kind"], header["config"]
    except (KeyError, ValueError, TypeError, RecursionError):
        raise UnderstudyError(
            f"{path} is not a swap model of this program: give a weights file it has written"
        ) from None
    if version != HEADER_VERSION:
        raise UnderstudyError(f"{path} has format version {version!r}, known is {HEADER_VERSION}: update Understudy")
    if not isinstance(kind, str) or not isinstance(config, dict):
        raise UnderstudyError(f"{path} is not a swap model of this program: give a weights file it has written")
    return create_model(kind, config)
