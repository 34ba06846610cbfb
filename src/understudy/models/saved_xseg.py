"""A mask network in a project: its weights in one safetensors file, beside them what a training goes on from."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from understudy.models.latest import model_folders
from understudy.models.saved import fill
from understudy.models.xseg import XSeg
from understudy.project.atomic import atomic_path
from understudy.project.errors import UnderstudyError

XSEG_NAME = "xseg.safetensors"
"""The weights' file in a checkpoint's folder; swap networks have another, so that neither is taken for the other."""

STATE_NAME = "xseg_state.safetensors"
"""The optimizer's moments and the losses."""

_HEADER_KEY = "understudy.xseg"
_VERSION = 1
_WIDEST = 256


def save_xseg(
    network: XSeg, folder: Path, *, options: Mapping[str, Any], state: Mapping[str, Tensor] | None = None
) -> None:
    """Write a checkpoint into `folder`, each file atomically, the weights last.

    Args:
        options: what it was trained with, as JSON values.
        state: moments and losses by name, if there are any.

    Raises:
        UnderstudyError: a file cannot be written.
    """
    header = {"version": _VERSION, "base": network.out_conv.in_channels, "options": dict(options)}
    if state:
        with atomic_path(folder / STATE_NAME) as temporary:
            save_file({name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}, temporary)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    with atomic_path(folder / XSEG_NAME) as temporary:
        save_file(tensors, temporary, metadata={_HEADER_KEY: json.dumps(header)})


def load_xseg(folder: Path, device: torch.device | str = "cpu") -> XSeg:
    """The network of a checkpoint, in evaluation mode.

    Raises:
        UnderstudyError: the file is absent, damaged, or not a mask network of this program.
    """
    path = folder / XSEG_NAME
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            base = _header(path, file.metadata() or {})["base"]
            if isinstance(base, bool) or not isinstance(base, int) or not 1 <= base <= _WIDEST:
                raise UnderstudyError(f"{path} speaks of no network that there is: restore it from a backup")
            with torch.device("meta"):
                network = XSeg(base=base)
            fill(network, file, path)
    except (OSError, SafetensorError) as error:
        raise UnderstudyError(f"cannot read the mask network {path}: {error}; restore it from a backup") from error
    return network.to(device).eval()


def xseg_options(folder: Path) -> dict[str, Any]:
    """What the network of a checkpoint was trained with.

    Raises:
        UnderstudyError: as `load_xseg`.
    """
    path = folder / XSEG_NAME
    try:
        with safe_open(path, framework="pt") as file:
            options = _header(path, file.metadata() or {})["options"]
    except (OSError, SafetensorError) as error:
        raise UnderstudyError(f"cannot read the mask network {path}: {error}; restore it from a backup") from error
    return options if isinstance(options, dict) else {}


def xseg_state(folder: Path) -> dict[str, Tensor]:
    """Moments and losses of a checkpoint, by name; none where none were saved.

    Raises:
        UnderstudyError: the file is damaged.
    """
    path = folder / STATE_NAME
    if not path.is_file():
        return {}
    try:
        state: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise UnderstudyError(f"cannot read {path}: {error}; restore it from a backup") from error
    return state


def xseg_checkpoints(model_folder: Path) -> list[Path]:
    """Checkpoint folders of a mask network, oldest first: each is named by its iteration."""
    if not model_folder.is_dir():
        return []
    found = [path for path in model_folder.iterdir() if path.name.isdecimal() and (path / XSEG_NAME).is_file()]
    return sorted(found, key=lambda path: int(path.name))


def latest_xseg(models: Path) -> Path | None:
    """The youngest checkpoint of the mask networks in the folder `models`; None where there is no mask network."""
    newest = [found[-1] for folder in model_folders(models) if (found := xseg_checkpoints(folder))]
    return max(newest, key=lambda path: (path / XSEG_NAME).stat().st_mtime_ns, default=None)


def _header(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    try:
        header: Any = json.loads(metadata[_HEADER_KEY])
        version, _, _ = header["version"], header["base"], header["options"]
    except (KeyError, ValueError, TypeError, RecursionError):
        raise UnderstudyError(f"{path} is not a mask network of this program: restore it from a backup") from None
    if version != _VERSION:
        raise UnderstudyError(f"{path} has format version {version!r}, known is {_VERSION}: update Understudy")
    return dict(header)
