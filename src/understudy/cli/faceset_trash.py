"""`understudy faceset trash`: faces out of the set, without losing them."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Move faces to the trash beside the faceset: those named, or those for which a condition holds."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """File names."""
    where: str = ""
    """An SQL condition, as `faceset list` takes it."""
    reason: str = ""
    """Noted with each; the condition when not given."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        if bool(self.names) == bool(self.where):
            raise UnderstudyError("say which faces: either their file names or --where CONDITION")
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        names = list(self.names) or faceset.query(self.where)
        missing = set(names) - {*faceset.names, *faceset.damaged}
        if missing:
            raise UnderstudyError(f"no such face in {faceset.folder}: {min(missing)}")
        faceset.trash(*names, reason=self.reason or self.where or "by hand")
        display.result(
            f"{len(names)} faces moved to the trash, {len(faceset)} left: {faceset.folder}",
            {"trashed": names, "faces": len(faceset)},
        )
        return 0
