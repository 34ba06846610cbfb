"""`understudy avatar`: the swapped face alone, without the frame around it."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import project_folder, project_settings
from understudy.media import EncodeSettings
from understudy.merging import MergeSettings
from understudy.merging.settings.avatar import KEPT, AvatarSettings
from understudy.project import Project
from understudy.provenance import LabelSettings, SigningSettings


@dataclass
class Command:
    """Write what the network makes of every aligned dst face, as a marked video in the network's own size."""

    project: Path = Path()
    """The project folder."""
    model: str | None = None
    """Name of the trained model; the one trained last when not given."""
    out: Path | None = None
    """The video, or the folder for a picture sequence; avatar.mp4 in the project when not given."""
    source: bool = False
    """Show the face that the network saw on the left."""
    settings: tyro.conf.OmitArgPrefixes[AvatarSettings] = field(default_factory=AvatarSettings)
    encode: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)

    def run(self, display: Display) -> int:
        from understudy.merging.avatar import make_avatar

        made = make_avatar(
            Project(self.project),
            self.settings,
            source_beside=self.source,
            model=self.model,
            encode=self.encode,
            label=self.label,
            signing=self.signing,
            output=self.out,
            progress=display,
        )
        for note in made.notes:
            display.say(note)
        document = {"path": str(made.path), "frames": made.frames, "faces": made.faces, "notes": made.notes}
        display.result(f"{made.path}: {made.frames} frames, {made.faces} faces, signed", document)
        return 0


def defaults(words: list[str]) -> Command:
    of_project = project_settings(MergeSettings(), "merge", project_folder(words))
    return Command(settings=AvatarSettings(**of_project.model_dump(include=set(KEPT))))
