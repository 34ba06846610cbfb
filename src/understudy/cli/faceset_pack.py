"""`understudy faceset pack`: a faceset in one file."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.pack import pack_faces


@dataclass
class Command:
    """Pack a faceset into one plain zip file."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces; it stays."""
    out: Path | None = None
    """The zip file; beside the folder when not given."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        out = self.out or folder.with_name(f"{folder.name}.zip")
        pack = pack_faces(list(Faceset(folder)), out, progress=display)
        display.result(f"{pack.count} faces packed: {out}", {"path": str(out), "faces": pack.count})
        return 0
