"""`understudy faceset metadata-save`: before an editor that strips metadata."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.facesets import Faceset
from understudy.facesets.saved_metadata import SAVED_NAME, save_metadata


@dataclass
class Command:
    """Save what the files of a faceset say to one file."""

    folder: tyro.conf.Positional[Path]
    """The faceset."""
    out: Path | None = None
    """The file; metadata.jsonl in the folder when not given."""

    def run(self, display: Display) -> int:
        faces, out = list(Faceset(self.folder)), self.out or self.folder / SAVED_NAME
        save_metadata(faces, out, progress=display)
        display.result(f"metadata of {len(faces)} faces saved: {out}", {"path": str(out), "faces": len(faces)})
        return 0
