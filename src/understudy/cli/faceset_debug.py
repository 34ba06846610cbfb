"""`understudy faceset debug`: what the files say, drawn on the faces."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.debug_pictures import write_debug_pictures


@dataclass
class Command:
    """Draw landmarks, polygons and masks on copies of the faces."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    out: Path | None = None
    """The folder that gets the pictures; FOLDER_debug when not given."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        out = self.out or folder.with_name(f"{folder.name}_debug")
        count = write_debug_pictures(list(Faceset(folder)), out, progress=display)
        display.result(f"{count} pictures: {out}", {"folder": str(out), "pictures": count})
        return 0
