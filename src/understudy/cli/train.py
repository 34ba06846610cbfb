"""`understudy train`: two facesets to a network."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import project_folder, project_settings, value_of
from understudy.project import Project, UnderstudyError
from understudy.project.folder import SETTINGS_FILE
from understudy.training import PRESETS, NetworkSettings, TrainSettings


@dataclass
class Command:
    """Train until the iterations or the time are up, or until Ctrl-C; the same command goes on."""

    project: Path = Path()
    """The project folder."""
    preset: str = "quick96"
    """Where the settings of a new model start from; one that exists goes on with its own."""
    auto: bool = False
    """Choose the sizes of a new network, and the batch, by what this device turns out to hold."""
    watch: bool = False
    """Serve a page that shows the training in a browser on this computer."""
    watch_port: int = 0
    """The page's port; 0: a free one."""
    settings: tyro.conf.OmitArgPrefixes[TrainSettings] = field(default_factory=TrainSettings)

    def run(self, display: Display) -> int:
        from understudy.training import train
        from understudy.training.team import is_follower

        port = self.watch_port if self.watch else None
        trained = train(Project(self.project), self.settings, display, watch=port, auto=self.auto)
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
        if not is_follower():
            display.result(text, document)
        return 0


def defaults(words: list[str]) -> Command:
    preset, name, project = value_of("--preset", words), value_of("--name", words), project_folder(words)
    settings = project_settings(start(preset or Command.preset), "train", project)
    if preset is None and name is not None and name != settings.name and (project / SETTINGS_FILE).exists():
        from understudy.training.checkpoint import saved_settings

        # A model that the project's file does not speak of, such as an imported one, goes on as it was.
        settings = saved_settings(Project(project).model_folder(name)) or settings
    if "--auto" in words:
        # What the preset says of sizes is what is to be chosen; what the command says stays.
        kept = {"archi": settings.network.archi, "face_type": settings.network.face_type}
        settings = settings.model_copy(update={"network": NetworkSettings.model_validate(kept)})
    return Command(preset=preset or Command.preset, settings=settings)


def start(preset: str) -> TrainSettings:
    """The settings of a preset.

    Raises:
        UnderstudyError: there is no such preset.
    """
    if preset not in PRESETS:
        raise UnderstudyError(f"no such preset: {preset}; there are {', '.join(PRESETS)}")
    return PRESETS[preset]
