"""Durations are read as people write them; presets are settings that validate."""

import pytest
import torch
from pydantic import ValidationError

from understudy.models import create_model
from understudy.training import PRESETS, TrainSettings


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("2D", 172800), ("45", 45), (45, 45), (0.5, 0.5)],
)
def test_durations(given: str | float, seconds: float) -> None:
    assert TrainSettings(until=given).until == seconds


@pytest.mark.parametrize("given", ["ten minutes", "10 m", "m", "-5s", "1e9999", float("inf"), float("nan"), "", None])
def test_other_durations_are_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        TrainSettings(until=given)


def test_settings_survive_json() -> None:
    for settings in PRESETS.values():
        assert TrainSettings.model_validate_json(settings.model_dump_json()) == settings


def test_every_preset_makes_a_network() -> None:
    with torch.device("meta"):
        for name, settings in PRESETS.items():
            assert create_model(settings.model, settings.network.config()).kind == settings.model
            assert settings.name == name
