"""`understudy faceset export`: our facesets, made other programs'."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.facesets import Faceset
from understudy.facesets.exchange import ExportFormat, export_faces


@dataclass
class Command:
    """Export a faceset to DeepFaceLab."""

    folder: tyro.conf.Positional[Path]
    """The faceset."""
    out: Path
    """The folder that gets the files, or the .pak."""
    format: ExportFormat = "dfl"
    """dfl: JPEG files; dfl-pak: one faceset.pak."""

    def run(self, display: Display) -> int:
        done = export_faces(list(Faceset(self.folder)), self.out, self.format, progress=display)
        display.result(f"{done.faces} faces exported: {done.path}", {"path": str(done.path), "faces": done.faces})
        return 0
