"""`understudy faceset resize`: a faceset in another size or crop geometry."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.faces import FaceType
from understudy.facesets import Faceset
from understudy.facesets.reproject import reproject_faces
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Write a faceset in another size or face type."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces; it stays."""
    out: Path
    """The folder that gets the faces."""
    size: int | None = None
    """Side in pixels, 16 to 4096."""
    face_type: FaceType | None = None
    """How much of the head the crop shows."""
    frames: Path | None = None
    """The video or the folder of pictures that the faces came from: faces are then cut from it anew, so that nothing is
    enlarged or sampled twice."""
    quality: int = 95
    """Of JPEG files, 1 to 100."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        folder = faceset_folder(self.faceset, self.project)
        if self.size is None and self.face_type is None:
            raise UnderstudyError("say what is to change: --size, --face-type or both")
        if not 16 <= (self.size or 16) <= 4096 or not 1 <= self.quality <= 100:
            raise UnderstudyError("--size is 16 to 4096 pixels, --quality 1 to 100")
        done = reproject_faces(
            list(Faceset(folder)),
            self.out,
            size=self.size,
            face_type=self.face_type,
            frames=self.frames,
            quality=self.quality,
            progress=display,
        )
        hint = "; --frames names the footage to cut them from" if self.frames is None else ""
        if done.enlarged:
            display.say(f"{len(done.enlarged)} faces were enlarged from their picture{hint}")
        if done.bordered:
            display.say(f"{len(done.bordered)} faces have black borders, where their picture ends{hint}")
        display.result(
            f"{done.faces} faces, {done.from_frames} of them cut from their frames: {done.folder}",
            {
                "folder": str(done.folder),
                "faces": done.faces,
                "from_frames": done.from_frames,
                "enlarged": list(done.enlarged),
                "bordered": list(done.bordered),
            },
        )
        return 0
