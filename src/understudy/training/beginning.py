"""Where a training begins: a new network, or the newest state that was saved."""

import math
from collections.abc import Callable
from pathlib import Path

import torch

from understudy.models import SwapNetwork, create_model
from understudy.training.checkpoint import TrainingState, load_checkpoint
from understudy.training.settings import TrainSettings

PRETRAINED = "pretrained"
"""Folder in a model's folder that holds it as it was at the end of pretraining."""


def new_network(settings: TrainSettings) -> SwapNetwork:
    """The network that the settings ask for, with the weights that their seed gives it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return create_model(settings.model, settings.network.config())


def new_model(settings: TrainSettings) -> tuple[SwapNetwork, TrainingState]:
    """A model that has not seen a face."""
    state = TrainingState(iteration=0, seconds=0.0, settings={}, losses=(math.nan, math.nan), tensors={})
    return new_network(settings), state


def newest_saved(folder: Path, say: Callable[[str], None]) -> tuple[SwapNetwork, TrainingState] | None:
    """The newest undamaged checkpoint of the model in `folder`, or else that of its pretraining; None without either.

    Raises:
        UnderstudyError: as `load_checkpoint`.
    """
    return load_checkpoint(folder, say) or load_checkpoint(folder / PRETRAINED, say)
