"""`understudy faceset unpack`: the files of a pack."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.facesets.pack import open_pack, unpack_faces


@dataclass
class Command:
    """Unpack a faceset; what is there already with the same content is left alone."""

    pack: tyro.conf.Positional[Path]
    """The zip file; it stays."""
    out: Path
    """The folder that gets the faces."""

    def run(self, display: Display) -> int:
        count = unpack_faces(open_pack(self.pack), self.out, progress=display)
        display.result(f"{count} faces unpacked: {self.out}", {"folder": str(self.out), "faces": count})
        return 0
