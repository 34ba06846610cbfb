"""What a model is, on one page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from understudy.models import SwapNetwork
from understudy.project.atomic import write_text
from understudy.training.checkpoint import TrainingState
from understudy.training.hardware import Hardware
from understudy.training.settings import TrainSettings


def write_summary(
    path: Path, network: SwapNetwork, settings: TrainSettings, hardware: Hardware, state: TrainingState
) -> None:
    """Write the network, every setting, the device and how far the training is, in columns of text.

    Raises:
        UnderstudyError: it cannot be written.
    """
    parameters = sum(parameter.numel() for parameter in network.parameters())
    chapters: dict[str, Mapping[str, Any]] = {
        settings.name: {"iteration": state.iteration, "hours": f"{state.seconds / 3600:.2f}"},
        "network": {"kind": network.kind, **network.config(), "parameters": f"{parameters / 1e6:.1f} million"},
        "settings": settings.model_dump(mode="json", exclude={"name", "model", "network", "schedule"}),
        "schedule": {phase.name: phase.options for phase in settings.schedule},
        "device": {"name": str(hardware.device), "arithmetic": "bf16" if hardware.half else "fp32"},
    }
    width = max(len(key) for entries in chapters.values() for key in entries) + 2
    lines = [
        line
        for title, entries in chapters.items()
        if entries
        for line in (title, *(f"  {key:{width}}{value}" for key, value in entries.items()), "")
    ]
    write_text(path, "\n".join(lines))
