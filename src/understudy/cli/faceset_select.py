"""`understudy faceset select`: the src faces that cover dst best."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.selection import NOT_NEEDED, select_covering


@dataclass
class Command:
    """Keep the faces that cover another set best; the others go to the trash, which `faceset restore` undoes."""

    faceset: tyro.conf.Positional[str] = "src"
    """src, dst, or a folder of faces."""
    cover: str = "dst"
    """The set to cover: src, dst, or a folder of faces."""
    count: int = 3000
    """How many to keep."""
    list: bool = False
    """List them, the most useful first; touch no file."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        src, dst = (
            Faceset(faceset_folder(which, self.project), skip_damaged=True, progress=display)
            for which in (self.faceset, self.cover)
        )
        names = select_covering(src, dst, self.count)
        document = {"folder": str(src.folder), "names": names}
        if self.list:
            display.result("\n".join(names), document)
            return 0
        dropped = set(src.names) - set(names)
        src.trash_for(dict.fromkeys(sorted(dropped), NOT_NEEDED))
        display.result(f"{len(src)} faces kept, {len(dropped)} in the trash: {src.folder}", document)
        return 0
