"""`understudy faceset metadata-save`: before an editor that strips metadata."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.saved_metadata import SAVED_NAME, save_metadata


@dataclass
class Command:
    """Save what the files of a faceset say to one file."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    out: Path | None = None
    """The file; metadata.jsonl in the folder when not given."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        faces, out = list(Faceset(folder)), self.out or folder / SAVED_NAME
        save_metadata(faces, out, progress=display)
        display.result(f"metadata of {len(faces)} faces saved: {out}", {"path": str(out), "faces": len(faces)})
        return 0
