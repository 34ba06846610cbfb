"""The averaged weights are the mean that they claim to be, and stay apart from those in training."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from understudy.models import latest_model, load_model
from understudy.project import Project, Silent
from understudy.training import TrainSettings, train
from understudy.training.average import WeightAverage

MakeSettings = Callable[..., TrainSettings]


def walk(average: WeightAverage, module: nn.Linear, iterations: int) -> None:
    """Let the weights be 1, 2, 3, ..."""
    for iteration in range(1, iterations + 1):
        nn.init.constant_(module.weight, float(iteration))
        average.follow()


def mean(average: WeightAverage, module: nn.Linear) -> float:
    with average.in_use():
        return module.weight.mean().item()


def test_at_first_a_plain_mean_of_what_was_looked_at() -> None:
    module = nn.Linear(3, 3)
    average = WeightAverage(module, half_life=10_000)
    walk(average, module, 32)
    assert mean(average, module) == pytest.approx((8 + 16 + 24 + 32) / 4)
    assert module.weight.mean() == 32


def test_later_a_half_life() -> None:
    module = nn.Linear(3, 3)
    average = WeightAverage(module, half_life=16)
    walk(average, module, 800)
    before = mean(average, module)
    for _ in range(16):
        nn.init.constant_(module.weight, 1000.0)
        average.follow()
    assert mean(average, module) == pytest.approx((before + 1000) / 2, rel=1e-4)


def test_merges_take_the_average_and_training_does_not(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(name="plain"), Silent())
    folder = train(project, tiny(ema=5), Silent()).folder
    plain = load_model(latest_model(project.model_folder("plain"))).state_dict()
    weights = load_model(folder / "0000020" / "weights.safetensors").state_dict()
    assert all(torch.equal(weights[name], plain[name]) for name in plain)
    assert latest_model(folder) == folder / "0000020" / "average.safetensors"
    average = load_model(latest_model(folder)).state_dict()
    assert not all(torch.equal(weights[name], average[name]) for name in weights)


def test_ten_and_ten_are_twenty_bit_for_bit(project: Project, tiny: MakeSettings) -> None:
    whole = train(project, tiny(name="whole", ema=5), Silent()).folder
    train(project, tiny(name="halves", ema=5, iterations=10), Silent())
    halves = train(project, tiny(name="halves", ema=5), Silent()).folder
    for name in ("average.safetensors", "weights.safetensors", "training.safetensors"):
        assert (whole / "0000020" / name).read_bytes() == (halves / "0000020" / name).read_bytes()


def test_begun_later_it_begins_with_the_weights_of_then(project: Project, tiny: MakeSettings) -> None:
    folder = train(project, tiny(iterations=5), Silent()).folder
    then = load_model(latest_model(folder)).state_dict()
    train(project, tiny(iterations=7, ema=5), Silent())
    average = load_model(folder / "0000007" / "average.safetensors").state_dict()
    assert all(torch.equal(then[name], average[name]) for name in then)
