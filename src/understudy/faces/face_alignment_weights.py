"""The weights of S3FD and FAN, as the package `face-alignment` names them."""

from importlib import import_module
from typing import Any

import torch

from understudy.project.errors import UnderstudyError
from understudy.zoo import cache_folder

_ADDRESS = "https://www.adrianbulat.com/downloads/python-fan/"


def load_weights(file: str) -> dict[str, Any]:
    """The tensors of a weight file, by name; downloaded at the first call. Nothing but tensors is read.

    Args:
        file: its name, which ends, before the suffix, in the first digits of its SHA-256.

    Raises:
        UnderstudyError: it cannot be downloaded, is another file, or holds something else.
    """
    path = cache_folder() / file
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            digits = file.split(".", 1)[0].rsplit("-", 1)[1]
            # torch.hub writes to a temporary file, checks it and renames it.
            torch.hub.download_url_to_file(_ADDRESS + file, str(path), hash_prefix=digits, progress=False)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # the network's, the disk's and the unpickler's own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnderstudyError(
            f"cannot load the weights {file}: {reason}; go online and try again, or take {_ADDRESS}{file} and save it "
            f"as {path}"
        ) from error


def import_package(name: str) -> Any:
    """A module of the package `face-alignment`.

    Raises:
        UnderstudyError: the extra is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise UnderstudyError(
            f"the backend needs the package face-alignment ({error}): pip install 'understudy[face-alignment]'"
        ) from error


def fill(network: torch.nn.Module, weights: dict[str, Any], file: str) -> torch.nn.Module:
    """The network with these weights, ready to run.

    Raises:
        UnderstudyError: they are another network's.
    """
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UnderstudyError(f"{file} does not hold the weights of {type(network).__name__}: delete it") from error
    return network.eval().requires_grad_(False)
