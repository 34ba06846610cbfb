"""`understudy edit undo`."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.merging.edits import EditFile
from understudy.project import Project


@dataclass
class Command:
    """One step back in the history of the edit list."""

    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        what = EditFile(Project(self.project)).undo()
        display.result(f"undo: {what}", {"undo": what})
        return 0
