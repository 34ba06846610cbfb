"""`understudy train`: two facesets to a network."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import project_folder, project_settings, value_of
from understudy.project import Project, UnderstudyError
from understudy.training import PRESETS, TrainSettings, train


@dataclass
class Command:
    """Train until the iterations or the time are up, or until Ctrl-C; the same command goes on."""

    project: Path = Path()
    """The project folder."""
    preset: str = "quick96"
    """Where the settings start from."""
    settings: tyro.conf.OmitArgPrefixes[TrainSettings] = field(default_factory=TrainSettings)

    def run(self, display: Display) -> int:
        trained = train(Project(self.project), self.settings, display)
        text = (
            f"{trained.folder}: iteration {trained.iteration}, src loss {trained.src_loss:.3f}, "
            f"dst loss {trained.dst_loss:.3f}, {trained.iterations_per_second:.1f} it/s"
        )
        document = {
            "folder": str(trained.folder),
            "iteration": trained.iteration,
            "src_loss": trained.src_loss,
            "dst_loss": trained.dst_loss,
            "iterations_per_second": trained.iterations_per_second,
        }
        display.result(text, document)
        return 0


def defaults(words: list[str]) -> Command:
    preset = value_of("--preset", words) or "quick96"
    return Command(preset=preset, settings=project_settings(start(preset), "train", project_folder(words)))


def start(preset: str) -> TrainSettings:
    """The settings of a preset.

    Raises:
        UnderstudyError: there is no such preset.
    """
    if preset not in PRESETS:
        raise UnderstudyError(f"no such preset: {preset}; there are {', '.join(PRESETS)}")
    return PRESETS[preset]
