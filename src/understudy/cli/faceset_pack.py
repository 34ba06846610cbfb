"""`understudy faceset pack`: a faceset in one file."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.facesets import Faceset
from understudy.facesets.pack import pack_faces


@dataclass
class Command:
    """Pack a faceset into one plain zip file."""

    folder: tyro.conf.Positional[Path]
    """The faceset; it stays."""
    out: Path | None = None
    """The zip file; beside the folder when not given."""

    def run(self, display: Display) -> int:
        out = self.out or self.folder.with_name(f"{self.folder.name}.zip")
        pack = pack_faces(list(Faceset(self.folder)), out, progress=display)
        display.result(f"{pack.count} faces packed: {out}", {"path": str(out), "faces": pack.count})
        return 0
