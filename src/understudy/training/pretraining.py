"""Pretraining: a network learns faces in general first, then, with a new inter, its two performers."""

import math
from dataclasses import replace

from understudy.models import SwapNetwork
from understudy.training.checkpoint import TrainingState
from understudy.training.settings import TrainSettings


def while_pretraining(settings: TrainSettings) -> TrainSettings:
    """What `settings` come to while pretraining: some options mean nothing between faces of hundreds of people."""
    forced = {
        "random_warp": False,
        "random_src_flip": True,
        "random_dst_flip": True,
        "uniform_yaw": True,
        "random_hsv_power": 0.0,
        "ct_mode": "none",
        "lr_dropout": "n",
        "gan_power": 0.0,
        "true_face_power": 0.0,
        "face_style_power": 0.0,
        "bg_style_power": 0.0,
    }
    return settings.model_copy(update=forced)


def end_pretraining(network: SwapNetwork, state: TrainingState) -> TrainingState:
    """The state to begin learning two performers with, from that at the end of pretraining.

    The parts of the network that are between the performers start anew, in place, from torch's global random state;
    their moments do too, which the field's program keeps. Iterations and time count from zero.
    """
    network.renew(network.renewed_after_pretraining)
    kept = {
        name: tensor
        for name, tensor in state.tensors.items()
        if not name.startswith("order.") and not any(f".{part}." in name for part in network.renewed_after_pretraining)
    }
    return replace(state, iteration=0, seconds=0.0, losses=(math.nan, math.nan), tensors=kept)
