"""`understudy faceset export`: our facesets, made other programs'."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.exchange import ExportFormat, export_faces


@dataclass
class Command:
    """Export a faceset to DeepFaceLab."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    out: Path
    """The folder that gets the files, or the .pak."""
    format: ExportFormat = "dfl"
    """dfl: JPEG files; dfl-pak: one faceset.pak."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        done = export_faces(list(Faceset(folder)), self.out, self.format, progress=display)
        display.result(f"{done.faces} faces exported: {done.path}", {"path": str(done.path), "faces": done.faces})
        return 0
