"""Pretraining overrides what means nothing to it, and ends with a new inter and all else kept."""

import math
from collections.abc import Callable
from pathlib import Path

import torch

from understudy.models import create_model
from understudy.training import PRESETS, TrainSettings
from understudy.training.checkpoint import TrainingState
from understudy.training.pretraining import end_pretraining, while_pretraining

MakeSettings = Callable[..., TrainSettings]


def test_overrides_are_those_of_the_field_and_true_face() -> None:
    given = PRESETS["saehd"].model_copy(
        update={
            "pretrain": True,
            "pretrain_folder": Path("faces"),
            "random_dst_flip": False,
            "random_hsv_power": 0.1,
            "gan_power": 0.1,
            "true_face_power": 0.01,
            "face_style_power": 1.0,
            "bg_style_power": 1.0,
            "lr_dropout": "y",
            "ct_mode": "rct",
            "eyes_mouth_prio": True,
            "blur_out_mask": True,
            "masked_training": False,
            "clipgrad": True,
            "optimizer": "rmsprop",
        }
    )
    before = given.model_dump()
    found = while_pretraining(given)
    changed = {key for key, value in found.model_dump().items() if value != before[key]}
    assert changed == {
        "random_warp",
        "random_src_flip",
        "random_dst_flip",
        "uniform_yaw",
        "random_hsv_power",
        "gan_power",
        "true_face_power",
        "face_style_power",
        "bg_style_power",
        "lr_dropout",
        "ct_mode",
    }
    assert (found.random_warp, found.random_src_flip, found.random_dst_flip, found.uniform_yaw) == (
        False,
        True,
        True,
        True,
    )
    assert (found.lr_dropout, found.ct_mode) == ("n", "none")
    assert not any((found.random_hsv_power, found.gan_power, found.true_face_power, found.face_style_power))
    assert TrainSettings.model_validate(found.model_dump()) == found
    assert while_pretraining(found) == found
    assert given.model_dump() == before


def test_its_end_renews_the_inters_with_their_moments_and_nothing_else(tiny: MakeSettings) -> None:
    for archi, renewed in (("df-ud", {"inter"}), ("liae-ud", {"inter_ab", "inter_b"})):
        network = create_model("saehd", tiny().network.model_copy(update={"archi": archi}).config())
        weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        moments = {f"adabelief.m.{name}": torch.ones_like(tensor) for name, tensor in weights.items()}
        tensors = {
            **moments,
            "random": torch.ones(3),
            "order.src": torch.arange(3),
            "adabelief.updates": torch.tensor(7),
        }
        state = TrainingState(iteration=7, seconds=9.0, settings={}, losses=(1.0, 2.0), tensors=tensors)
        found = end_pretraining(network, state)
        for name, tensor in network.state_dict().items():
            if tensor.any():  # biases begin with zeros
                assert torch.equal(tensor, weights[name]) == (name.split(".")[0] not in renewed), name
        assert found.iteration == 0
        assert found.seconds == 0
        assert math.isnan(found.losses[0])
        gone = {name for name in moments if name.split(".")[2] in renewed}
        assert gone
        assert found.tensors.keys() == tensors.keys() - gone - {"order.src"}
