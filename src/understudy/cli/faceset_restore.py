"""`understudy faceset restore`: faces back from the trash."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Bring faces back from the trash: those named, those of one reason, or all."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """File names in the trash; all when not given."""
    reason: str = ""
    """Only those whose reason contains this."""
    list: bool = False
    """List them with their reasons; touch no file."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        trashed = {face.name: face for face in faceset.trashed()}
        missing = set(self.names) - trashed.keys()
        if missing:
            raise UnderstudyError(f"no such face in the trash of {faceset.folder}: {min(missing)}")
        faces = [
            face
            for name, face in trashed.items()
            if self.reason in face.reason and (not self.names or name in self.names)
        ]
        document = {"faces": [face.model_dump() for face in faces]}
        if self.list:
            display.result("\n".join(f"{face.name}  {face.reason}" for face in faces) or "the trash is empty", document)
            return 0
        names = faceset.restore(faces)
        display.result(
            f"{len(names)} faces brought back, {len(faceset)} in all: {faceset.folder}", {**document, "names": names}
        )
        return 0
