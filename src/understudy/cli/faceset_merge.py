"""`understudy faceset merge`: several folders of faces made one."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Bring the faces of other folders into a faceset. Nothing is overwritten; equal names get a number."""

    sources: tyro.conf.Positional[tuple[Path, ...]]
    """Folders of faces."""
    into: str
    """src, dst, or a folder of faces, made where there is none."""
    move: bool = False
    """Move the files rather than copy them."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.into, self.project)
        sources = [Faceset(source, progress=display) for source in self.sources]
        if not sources or any(source.folder.resolve() == folder.resolve() for source in sources):
            raise UnderstudyError("name folders of faces to bring in, other than the one that gets them")
        folder.mkdir(parents=True, exist_ok=True)
        faceset = Faceset(folder, progress=display)
        count = sum(faceset.take_in(source, move=self.move) for source in sources)
        display.result(
            f"{count} faces brought in, {len(faceset)} in all: {folder}",
            {"folder": str(folder), "brought": count, "faces": len(faceset)},
        )
        return 0
