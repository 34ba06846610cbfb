"""`understudy model import`: a model of DeepFaceLab into the project."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.project import Project


@dataclass
class Command:
    """Bring in SAEHD, AMP, Quick96 or XSeg with optimizer state, iteration and options; nothing in the files is run."""

    folder: tyro.conf.Positional[Path]
    """The folder with the model's .npy and .dat files."""
    name: str | None = None
    """Which model of that folder; may be left out where there is only one."""
    to: str | None = None
    """Its name in the project; the same when not given."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        from understudy.training.dfl_exchange import import_dfl

        found = import_dfl(Project(self.project), self.folder, name=self.name, to=self.to)
        for note in found.notes:
            display.say(note)
        use = f"'understudy train --name {found.folder.name}' or 'understudy merge --model {found.folder.name}'"
        if found.kind == "xseg":
            use = "'understudy merge --mask XSeg-dst', or another mask with XSeg in its name"
        text = f"{found.folder}: {found.kind}, iteration {found.iteration}; go on with {use}"
        document = {
            "folder": str(found.folder),
            "kind": found.kind,
            "iteration": found.iteration,
            "notes": found.notes,
        }
        display.result(text, document)
        return 0
