"""`understudy faceset enhance`: sharper faces."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.enhance_settings import EnhanceSettings


@dataclass
class Command:
    """Write a faceset with the blur of lens and enlargement undone."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces; it stays."""
    out: Path
    """The folder that gets the faces."""
    settings: tyro.conf.OmitArgPrefixes[EnhanceSettings] = field(default_factory=EnhanceSettings)
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        from understudy.facesets.enhance import enhance_faces

        folder = faceset_folder(self.faceset, self.project)
        faces = list(Faceset(folder))
        enhance_faces(faces, self.out, self.settings, progress=display)
        display.result(f"{len(faces)} faces enhanced: {self.out}", {"folder": str(self.out), "faces": len(faces)})
        return 0
