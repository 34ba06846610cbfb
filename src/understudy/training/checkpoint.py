"""Checkpoints: a folder for each iteration saved, whole or absent, verified before it is trusted."""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from understudy.models import SwapNetwork, load_model, save_model
from understudy.models.latest import AVERAGE_NAME, WEIGHTS_NAME, checkpoints
from understudy.project.atomic import remove_leftovers
from understudy.project.errors import UnderstudyError
from understudy.training.average import WeightAverage
from understudy.training.settings import TrainSettings

KEEP = 3
TENSORS_NAME = "training.safetensors"
STATE_NAME = "state.json"
STATE_VERSION = 1
_TEMPORARY = ".unfinished-"


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Everything besides the weights that going on exactly where training stopped needs.

    Attributes:
        iteration: iterations done.
        seconds: training time so far, over all runs.
        settings: the settings it was trained with, as JSON values.
        losses: last mean src and dst loss.
        tensors: optimizer moments, random states and sample orders, by name.
        average: the mean weights, where the training keeps them.
        phase: the place in the schedule, as `PhaseClock.state` gives it; empty where nothing says it.
        weights_sha256: of the file with the weights that previews show; empty where there is no file yet.
    """

    iteration: int
    seconds: float
    settings: Mapping[str, Any]
    losses: tuple[float, float]
    tensors: Mapping[str, Tensor]
    average: Mapping[str, Tensor] | None = None
    phase: Mapping[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""


def save_checkpoint(
    folder: Path, network: SwapNetwork, state: TrainingState, *, average: WeightAverage | None = None
) -> str:
    """Write a checkpoint into the model's `folder` and remove all but the newest three.

    `average` is the network's; it goes into a weights file of its own, and takes the place of the state's.

    Written to a temporary folder, flushed to disk and renamed, so that a crash at any moment leaves the last one whole.

    Returns:
        SHA-256 of the weights that previews show: the average's, where there is one.

    Raises:
        UnderstudyError: the disk is full or cannot be written to.
    """
    target = folder / f"{state.iteration:07d}"
    temporary = folder / f"{_TEMPORARY}{uuid.uuid4().hex[:12]}"
    try:
        temporary.mkdir(parents=True)
        save_model(network, temporary / WEIGHTS_NAME)
        names = [WEIGHTS_NAME, TENSORS_NAME]
        if average is not None:
            names.append(AVERAGE_NAME)
            with average.in_use():
                save_model(network, temporary / AVERAGE_NAME)
        save_file({name: tensor.contiguous() for name, tensor in state.tensors.items()}, temporary / TENSORS_NAME)
        digests = {name: _digest(temporary / name) for name in names}
        document = {
            "version": STATE_VERSION,
            "iteration": state.iteration,
            "seconds": state.seconds,
            "losses": state.losses,
            "phase": state.phase,
            "settings": state.settings,
            "sha256": digests,
        }
        (temporary / STATE_NAME).write_text(json.dumps(document, indent=1), encoding="utf-8")
        for path in (temporary / TENSORS_NAME, temporary / STATE_NAME, temporary):
            _flush(path)
        if target.exists():  # a damaged one, or one that another seed reached before
            _remove(target)
        temporary.rename(target)
        _flush(folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise UnderstudyError(f"cannot save the model to {target}: {error}; free some space and train again") from error
    for old in checkpoints(folder)[:-KEEP]:
        _remove(old)
    return digests[WEIGHTS_NAME if average is None else AVERAGE_NAME]


def load_checkpoint(folder: Path, say: Callable[[str], None]) -> tuple[SwapNetwork, TrainingState] | None:
    """The newest checkpoint of the model's `folder` that is undamaged; None for a model not yet saved.

    Each damaged one that is passed over is reported by `say`.

    Raises:
        UnderstudyError: there are checkpoints, and all are damaged.
    """
    clear_unfinished(folder)
    found = checkpoints(folder)
    for path in reversed(found):
        try:
            return _read(path)
        except UnderstudyError as error:
            say(f"{error}; going back to the checkpoint before it")
    if found:
        raise UnderstudyError(f"every checkpoint in {folder} is damaged: restore one, or train under another --name")
    return None


def saved_settings(folder: Path) -> TrainSettings | None:
    """What the newest undamaged checkpoint in the model's `folder` was trained with; None for a model not yet saved.

    Raises:
        UnderstudyError: there are checkpoints, and the settings of all are damaged, or of another version.
    """
    found = checkpoints(folder)
    for path in reversed(found):
        try:
            document = json.loads((path / STATE_NAME).read_text(encoding="utf-8"))
            return TrainSettings.model_validate(document["settings"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    if found:
        raise UnderstudyError(f"no settings in {folder} can be used: give --preset and the model's options")
    return None


def put_aside(folder: Path, target: Path) -> None:
    """Move every checkpoint of `folder` to `target`, the newest last: a crash in between leaves that one in place.

    Raises:
        UnderstudyError: a folder cannot be moved.
    """
    try:
        target.mkdir(exist_ok=True)
        for path in checkpoints(folder):
            shutil.rmtree(target / path.name, ignore_errors=True)
            path.rename(target / path.name)
    except OSError as error:
        raise UnderstudyError(f"cannot move the checkpoints of {folder} to {target}: {error.strerror}") from error


def clear_unfinished(folder: Path) -> None:
    """Remove what a killed process left half-written in the model's `folder`."""
    for path in folder.glob(f"{_TEMPORARY}*"):
        shutil.rmtree(path, ignore_errors=True)
    remove_leftovers(folder)


def _read(path: Path) -> tuple[SwapNetwork, TrainingState]:
    try:
        document = json.loads((path / STATE_NAME).read_text(encoding="utf-8"))
        names = {WEIGHTS_NAME, TENSORS_NAME} | {AVERAGE_NAME} & {part.name for part in path.iterdir()}
        if names != document["sha256"].keys():
            raise UnderstudyError(f"{path} lacks a file")
        for name in names:
            if _digest(path / name) != document["sha256"][name]:
                raise UnderstudyError(f"{path / name} is damaged")
        state = TrainingState(
            iteration=int(document["iteration"]),
            seconds=float(document["seconds"]),
            settings=dict(document["settings"]),
            losses=(float(document["losses"][0]), float(document["losses"][1])),
            phase=dict(document.get("phase", {})),
            tensors=load_file(path / TENSORS_NAME),
            average=load_model(path / AVERAGE_NAME).state_dict() if AVERAGE_NAME in names else None,
            weights_sha256=document["sha256"][AVERAGE_NAME if AVERAGE_NAME in names else WEIGHTS_NAME],
        )
    except (OSError, SafetensorError, ArithmeticError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise UnderstudyError(f"{path} is damaged ({error})") from error
    return load_model(path / WEIGHTS_NAME), state


def _remove(folder: Path) -> None:
    """Delete a checkpoint; a crash in between leaves no half of it under its name."""
    doomed = folder.with_name(f"{_TEMPORARY}{uuid.uuid4().hex[:12]}")
    folder.rename(doomed)
    shutil.rmtree(doomed)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Flush a file or a folder's entries to disk; systems that cannot open folders flush them themselves."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_finite(network: torch.nn.Module) -> bool:
    """Whether every weight is a number."""
    # One sum per tensor is a single pass; a single inf or nan survives it.
    return all(bool(torch.isfinite(parameter.detach().sum())) for parameter in network.parameters())
