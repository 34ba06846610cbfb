"""`understudy faceset landmarks`: the landmarks of all faces as a JSON file."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.landmark_file import landmarks_of


@dataclass
class Command:
    """Write the landmarks of all faces to a file that `understudy extract SIDE --landmarks FILE` reads."""

    faceset: tyro.conf.Positional[str]
    """A folder of aligned faces, or src or dst of the project."""
    export: Path
    """The JSON file to write."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        faces = Faceset(faceset_folder(self.faceset, self.project), progress=display)
        document = landmarks_of(faces)
        document.write(self.export)
        display.result(
            f"{len(faces)} faces in {len(document.frames)} frames: {self.export}",
            {"file": str(self.export), "faces": len(faces), "frames": len(document.frames)},
        )
        return 0
