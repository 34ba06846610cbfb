"""`understudy edit show`: what differs from shot to shot."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.merging.edits import EditFile
from understudy.merging.edits.edit_file import edit_text
from understudy.merging.edits.summary import summary
from understudy.project import Project, UnderstudyError


@dataclass
class Command:
    """List shots, presets and keyframes; --json gives the edit list itself."""

    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        edits = EditFile(Project(self.project)).read()
        if edits is None:
            raise UnderstudyError(f"{self.project} has no edit list yet: 'understudy edit shots' finds the shots")
        display.result(summary(edits), {"text": edit_text(edits), **edits.model_dump(mode="json")})
        return 0
