"""`understudy faceset convert`: another picture format."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.conversion import PictureFormat, convert_faces
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Write a faceset as PNG or JPEG files."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces; it stays."""
    out: Path
    """The folder that gets the faces."""
    to: PictureFormat
    """png: lossless; jpg: 4:4:4 JPEG."""
    quality: int = 95
    """Of JPEG, 1 to 100."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        if not 1 <= self.quality <= 100:
            raise UnderstudyError("--quality is 1 to 100")
        faces = list(Faceset(folder))
        encoded = convert_faces(faces, self.out, self.to, quality=self.quality, progress=display)
        text = f"{len(faces)} faces, {encoded} of them encoded anew: {self.out}"
        display.result(text, {"folder": str(self.out), "faces": len(faces), "encoded": encoded})
        return 0
