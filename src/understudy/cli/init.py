"""`understudy init`: the project folder and the consent record."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.consent_flags import ConsentFlags
from understudy.cli.console import Display
from understudy.project import Project, UnderstudyError


@dataclass
class Command:
    """Make a project."""

    folder: tyro.conf.Positional[Path]
    """The project folder to make."""
    src: list[Path]
    """Clips or picture folders of the performer whose face is used."""
    dst: list[Path]
    """Clips or picture folders in which the face is replaced."""
    title: str | None = None
    """The production's title; the folder's name when not given."""
    consent: tyro.conf.OmitArgPrefixes[ConsentFlags] = field(default_factory=ConsentFlags)

    def run(self, display: Display) -> int:
        if not self.src or not self.dst:
            raise UnderstudyError("both --src and --dst need at least one clip")
        record = self.consent.record()
        project = Project.create(self.folder, src=self.src, dst=self.dst, consent=record, title=self.title)
        if record is None:
            self.consent.write(project)
            display.say(
                "no complete consent record yet: 'understudy merge' asks for it; see 'understudy consent --help'"
            )
        text = f"{project.root}: {len(self.src)} src and {len(self.dst)} dst clips"
        display.result(text, {"project": str(project.root), "id": project.id, "consent": record is not None})
        return 0
