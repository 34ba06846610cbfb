"""`understudy edit redo`."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.merging.edits import EditFile
from understudy.project import Project


@dataclass
class Command:
    """One step forth in the history of the edit list."""

    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        what = EditFile(Project(self.project)).redo()
        display.result(f"redo: {what}", {"redo": what})
        return 0
