"""A folder of aligned faces."""

from collections.abc import Iterator
from pathlib import Path

from understudy.facesets.face_file import FaceFile
from understudy.project.errors import UnderstudyError
from understudy.project.trash import move_to_trash


class Faceset:
    """The aligned faces of one folder, by file name. The files are the truth: what is deleted there is gone here."""

    def __init__(self, folder: Path) -> None:
        """Open `folder` and read the metadata of its faces; pictures without metadata are left out.

        Raises:
            UnderstudyError: the folder is missing, or a file in it is damaged.
        """
        if not folder.is_dir():
            raise UnderstudyError(f"no aligned faces: {folder} does not exist; run 'understudy extract' first")
        self.folder = folder
        names = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".jpg" and not p.name.startswith("."))
        self._faces = [face for path in names if (face := FaceFile.read(path)) is not None]

    def __len__(self) -> int:
        return len(self._faces)

    def __iter__(self) -> Iterator[FaceFile]:
        return iter(self._faces)

    def __getitem__(self, index: int) -> FaceFile:
        return self._faces[index]

    def by_frame(self) -> dict[int, list[FaceFile]]:
        """The faces of every source frame that has any, in file name order."""
        frames: dict[int, list[FaceFile]] = {}
        for face in self._faces:
            frames.setdefault(face.frame, []).append(face)
        return frames

    def trash(self, face: FaceFile) -> Path:
        """Take a face out of the set; its file moves to the trash folder beside the set.

        Returns:
            Where it lies now.
        """
        target = move_to_trash(face.path)
        self._faces.remove(face)
        return target
