"""Mime is trained like every other network: it learns, resumes bit for bit, and takes the options that suit it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from understudy.models import SwapNetwork, latest_model, load_model
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import PRESETS, NetworkSettings, TrainSettings, train

MakeSettings = Callable[..., TrainSettings]

SIZES = NetworkSettings(resolution=32, ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)


@pytest.fixture
def mime(tiny: MakeSettings) -> MakeSettings:
    return lambda **changes: tiny(**{"model": "mime", "network": SIZES, **changes})


def trained(project: Project, name: str) -> SwapNetwork:
    return load_model(latest_model(project.model_folder(name)))


def equal(a: SwapNetwork, b: SwapNetwork) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"precision": "bf16", "ema": 4},
        {"accumulate": 2, "batch_size": 2, "clipgrad": True},
        {"gan_power": 0.1, "eyes_mouth_prio": True, "coarse_structure_power": 5.0},
        {"face_style_power": 1.0, "bg_style_power": 1.0, "random_warp": False},
        {"recompute": True, "moments": "8bit", "lr_dropout": "cpu"},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_three_and_three_are_six_bit_for_bit(project: Project, mime: MakeSettings, options: dict[str, Any]) -> None:
    train(project, mime(name="whole", iterations=6, **options), Silent())
    for iterations in (3, 6):
        train(project, mime(name="halves", iterations=iterations, **options), Silent())
    assert equal(trained(project, "whole"), trained(project, "halves"))


def test_recomputing_changes_nothing(project: Project, mime: MakeSettings) -> None:
    for name, recompute in (("kept", False), ("again", True)):
        train(project, mime(name=name, recompute=recompute, iterations=3), Silent())
    assert equal(trained(project, "kept"), trained(project, "again"))


def test_it_learns_at_the_step_size_of_its_preset(project: Project, mime: MakeSettings) -> None:
    rate = PRESETS["mime"].learning_rate
    first = train(project, mime(iterations=5, learning_rate=rate), Silent())
    last = train(project, mime(iterations=100, learning_rate=rate), Silent())
    assert last.src_loss < 0.7 * first.src_loss
    assert last.dst_loss < 0.7 * first.dst_loss


def test_true_face_is_refused_in_one_line(project: Project, mime: MakeSettings) -> None:
    with pytest.raises(UnderstudyError, match="--true-face-power") as caught:
        train(project, mime(true_face_power=0.01), Silent())
    assert "\n" not in str(caught.value)
