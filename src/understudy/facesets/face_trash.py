"""The trash beside a faceset: what was taken out, why, and the way back."""

import datetime
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from understudy.facesets.face_file import FACE_SUFFIXES
from understudy.facesets.renaming import free_name, is_plain
from understudy.project.errors import UnderstudyError

LOG_NAME = ".trash.jsonl"


class TrashedFace(BaseModel):
    """One file in the trash.

    Attributes:
        name: of the file in the trash.
        was: its name in the set.
        reason: why it was taken out.
        time: when, in ISO 8601; empty where that was not noted.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    was: str
    reason: str
    time: str = ""


class FaceTrash:
    """The folder beside a faceset whose name ends in `_trash`. Nothing in it is ever deleted or overwritten."""

    def __init__(self, faceset: Path) -> None:
        self.faceset = faceset
        self.folder = faceset.with_name(f"{faceset.name}_trash")

    def put(self, reasons: Mapping[str, str]) -> dict[str, Path]:
        """Move files of the set here; `reasons` says why, by name.

        Returns:
            Where each lies now, by its name in the set.

        Raises:
            UnderstudyError: a file cannot be moved.
        """
        time = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            taken = {path.name for path in self.folder.iterdir()}
            entries = []
            for was, reason in reasons.items():
                name = free_name(was, taken)
                taken.add(name)
                entries.append(TrashedFace(name=name, was=was, reason=reason, time=time))
            # Noted before it happens: a line without its file says nothing, a file without its line is a riddle.
            with (self.folder / LOG_NAME).open("ab") as log:
                log.write(b"".join(entry.model_dump_json().encode() + b"\n" for entry in entries))
                log.flush()
                os.fsync(log.fileno())
            for entry in entries:
                (self.faceset / entry.was).rename(self.folder / entry.name)
        except OSError as error:
            raise UnderstudyError(f"cannot move faces to {self.folder}: {error.strerror or error}") from error
        return {entry.was: self.folder / entry.name for entry in entries}

    def faces(self) -> list[TrashedFace]:
        """What lies here, by name. Files that others put here have no reason."""
        if not self.folder.is_dir():
            return []
        known = {entry.name: entry for entry in self._log()}
        names = sorted(
            path.name
            for path in self.folder.iterdir()
            if path.suffix.lower() in FACE_SUFFIXES and not path.name.startswith(".")
        )
        return [known.get(name) or TrashedFace(name=name, was=name, reason="") for name in names]

    def restore(self, faces: Iterable[TrashedFace]) -> list[str]:
        """Move files back into the set, under their old names where these are free.

        Returns:
            Their names in the set.

        Raises:
            UnderstudyError: a file cannot be moved.
        """
        restored = []
        try:
            self.faceset.mkdir(parents=True, exist_ok=True)
            taken = {path.name for path in self.faceset.iterdir()}
            for face in faces:
                name = free_name(face.was if is_plain(face.was) else face.name, taken)
                (self.folder / face.name).rename(self.faceset / name)
                taken.add(name)
                restored.append(name)
        except OSError as error:
            raise UnderstudyError(f"cannot bring faces back from {self.folder}: {error.strerror or error}") from error
        return restored

    def _log(self) -> Iterable[TrashedFace]:
        try:
            lines = (self.folder / LOG_NAME).read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                yield TrashedFace.model_validate(json.loads(line))
            except (ValueError, ValidationError):  # torn by a crash: its file has not been moved
                continue
