"""`understudy faceset import`: facesets of other programs, made ours."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.facesets.exchange import import_faces
from understudy.project import UnderstudyError

_SHOWN = 10


@dataclass
class Command:
    """Import a faceset of DeepFaceLab or faceswap."""

    source: tyro.conf.Positional[Path]
    """A folder of DeepFaceLab's or faceswap's faces, or a faceset.pak."""
    out: Path | None = None
    """The folder that gets the faces."""
    in_place: bool = False
    """Add our metadata to the files of the folder instead; DeepFaceLab still reads them."""
    frames: Path | None = None
    """The video or the folder of pictures that the faces came from, so that every face knows its frame; without it, the
    folder above the faces if it holds pictures."""

    def run(self, display: Display) -> int:
        if (self.out is None) != self.in_place:
            raise UnderstudyError("say where the faces are to go: either --out FOLDER or --in-place")
        done = import_faces(self.source, self.out, frames=self.frames, progress=display)
        for name, reason in done.skipped[:_SHOWN]:
            display.say(f"left out: {name}: {reason}")
        if len(done.skipped) > _SHOWN:
            display.say(f"left out: {len(done.skipped) - _SHOWN} more")
        left_out = f", {len(done.skipped)} left out" if done.skipped else ""
        display.result(
            f"{done.faces} faces imported{left_out}: {done.folder}",
            {
                "folder": str(done.folder),
                "faces": done.faces,
                "skipped": [{"name": name, "reason": reason} for name, reason in done.skipped],
            },
        )
        return 0
