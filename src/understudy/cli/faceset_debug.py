"""`understudy faceset debug`: what the files say, drawn on the faces."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.facesets import Faceset
from understudy.facesets.debug_pictures import write_debug_pictures


@dataclass
class Command:
    """Draw landmarks, polygons and masks on copies of the faces."""

    folder: tyro.conf.Positional[Path]
    """The faceset."""
    out: Path | None = None
    """The folder that gets the pictures; FOLDER_debug when not given."""

    def run(self, display: Display) -> int:
        out = self.out or self.folder.with_name(f"{self.folder.name}_debug")
        count = write_debug_pictures(list(Faceset(self.folder)), out, progress=display)
        display.result(f"{count} pictures: {out}", {"folder": str(out), "pictures": count})
        return 0
