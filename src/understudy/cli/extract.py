"""`understudy extract`: clips to a faceset."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import project_folder, project_settings
from understudy.faces import ExtractSettings
from understudy.facesets import extract
from understudy.project import Project, Side


@dataclass
class Command:
    """Extract the faces of one side."""

    side: tyro.conf.Positional[Side]
    """Whose clips."""
    project: Path = Path()
    """The project folder."""
    again: bool = False
    """Move an earlier extraction to the trash and start over."""
    settings: tyro.conf.OmitArgPrefixes[ExtractSettings] = field(default_factory=ExtractSettings)

    def run(self, display: Display) -> int:
        found = extract(Project(self.project), self.side, self.settings, again=self.again, progress=display)
        share = found.frames_with_face / found.frames
        text = f"{found.faces} faces in {found.frames_with_face} of {found.frames} frames ({share:.1%}): {found.folder}"
        display.result(
            text,
            {
                "folder": str(found.folder),
                "frames": found.frames,
                "frames_with_face": found.frames_with_face,
                "faces": found.faces,
            },
        )
        return 0


def defaults(words: list[str]) -> Command:
    settings = project_settings(ExtractSettings(), "extract", project_folder(words))
    return Command(side=cast("Side", tyro.MISSING), settings=settings)
