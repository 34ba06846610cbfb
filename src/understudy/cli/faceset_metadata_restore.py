"""`understudy faceset metadata-restore`: after an editor that stripped metadata."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets.saved_metadata import SAVED_NAME, restore_metadata
from understudy.project import UnderstudyError

_SHOWN = 10


@dataclass
class Command:
    """Put saved metadata, and the size that it describes, back into pictures."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    saved: Path | None = None
    """The saved file; metadata.jsonl in the folder when not given."""
    overwrite: bool = False
    """Also replace the metadata of files that still have some."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        if not folder.is_dir():
            raise UnderstudyError(f"{folder} does not exist: name a folder of pictures")
        saved = self.saved or folder / SAVED_NAME
        done = restore_metadata(folder, saved, overwrite=self.overwrite, progress=display)
        for name, reason in done.skipped[:_SHOWN]:
            display.say(f"left out: {name}: {reason}")
        display.result(
            f"{done.restored} files restored, {done.resized} of them resized; {done.kept} had their metadata; "
            f"{len(done.skipped)} left out",
            {
                "restored": done.restored,
                "resized": done.resized,
                "kept": done.kept,
                "skipped": [{"name": name, "reason": reason} for name, reason in done.skipped],
            },
        )
        return 0
