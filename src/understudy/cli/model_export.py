"""`understudy model export`: a model of the project for DeepFaceLab."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from understudy.cli.console import Display
from understudy.project import Project


@dataclass
class Command:
    """Write weights, optimizer state, options and losses so that the other program goes on from them."""

    name: tyro.conf.Positional[str]
    """The model's name in the project."""
    format: Literal["dfl"] = "dfl"
    """dfl: DeepFaceLab's .npy and .dat files."""
    out: Path | None = None
    """The folder to write to; export in the project when not given."""
    to: str | None = None
    """Its name there; the same when not given."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        from understudy.training.dfl_exchange import export_dfl

        project = Project(self.project)
        out = self.out or project.root / "export"
        files, notes = export_dfl(project, self.name, out, to=self.to)
        for note in notes:
            display.say(note)
        document = {"folder": str(out), "files": [str(path) for path in files], "notes": notes}
        display.result(f"{out}: {len(files)} files", document)
        return 0
