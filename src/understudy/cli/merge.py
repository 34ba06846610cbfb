"""`understudy merge`: the swapped faces into the frames of dst."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import project_folder, project_settings
from understudy.media import EncodeSettings
from understudy.merging import MergeSettings, merge
from understudy.project import Project
from understudy.provenance import LabelSettings, SigningSettings


@dataclass
class Command:
    """Composite every frame and write the marked video."""

    project: Path = Path()
    """The project folder."""
    model: str | None = None
    """Name of the trained model; the one trained last when not given."""
    out: Path | None = None
    """The video, or the folder for a picture sequence; result.mp4 in the project when not given."""
    settings: tyro.conf.OmitArgPrefixes[MergeSettings] = field(default_factory=MergeSettings)
    encode: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)

    def run(self, display: Display) -> int:
        merged = merge(
            Project(self.project),
            self.settings,
            model=self.model,
            encode=self.encode,
            label=self.label,
            signing=self.signing,
            output=self.out,
            progress=display,
        )
        for note in merged.notes:
            display.say(note)
        text = f"{merged.path}: {merged.frames} frames, {merged.faces} faces swapped, signed"
        document = {"path": str(merged.path), "frames": merged.frames, "faces": merged.faces, "notes": merged.notes}
        display.result(text, document)
        return 0


def defaults(words: list[str]) -> Command:
    return Command(settings=project_settings(MergeSettings(), "merge", project_folder(words)))
