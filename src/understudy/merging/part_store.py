"""Rendered parts on disk, found again by what they look like; each is marked as any result is."""

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable
from fractions import Fraction
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from understudy.media.joining import FinishedPart
from understudy.merging.appearance import Appearance
from understudy.merging.seal import is_intact, remove_sealed, seal
from understudy.project.atomic import write_text
from understudy.provenance.sidecar import sidecar_path

_SPARE = 4  # times what the latest merge has: as much of earlier ones is kept


class PartRecord(BaseModel):
    """What rendering a part told; it is written when the part is complete.

    Attributes:
        times: when each frame is shown, in seconds of the source, as fractions.
        end: when the last has been shown.
        faces: faces swapped.
        failures: one line for each face that was not swapped as planned.
        notes: what else the owner should know, one line each.
        appearances: colours of the swapped faces, for the report.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    times: tuple[str, ...]
    end: str
    faces: int
    failures: tuple[str, ...]
    notes: tuple[str, ...] = ()
    appearances: tuple[Appearance, ...] = ()

    def without_appearances(self) -> "PartRecord":
        """The same in little memory."""
        return self.model_copy(update={"appearances": ()})

    def part(self, path: Path, first: int) -> FinishedPart:
        """The part as one output has it in `path`."""
        return FinishedPart(path, first, tuple(map(Fraction, self.times)), Fraction(self.end))


class PartStore:
    """A folder of parts, `NAME.json` with what it told and, for each output, `NAME.mp4` or the like; each is sealed.

    It may be deleted at any time: the next merge renders everything.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clear_leftovers(self) -> None:
        """Delete what a killed merge left unfinished."""
        for path in self.folder.glob(".*"):
            _remove(path)

    def path(self, name: str, suffix: str) -> Path:
        """Where an output's part of that name lies; a folder where the suffix is empty."""
        return self.folder / f"{name}{suffix}"

    def record(self, name: str) -> PartRecord | None:
        """What the part told; None where it is not complete, or damaged."""
        path = self._record(name)
        try:
            return PartRecord.model_validate_json(path.read_text(encoding="utf-8")) if is_intact(path) else None
        except (OSError, UnicodeDecodeError, ValidationError):
            return None

    def keep(self, name: str, record: PartRecord) -> None:
        """Note that a part is complete.

        Raises:
            UnderstudyError: the folder cannot be written to.
        """
        path = self._record(name)
        write_text(path, record.model_dump_json() + "\n")
        seal(path)

    def joined(self, path: Path) -> str | None:
        """What `note_joined` noted of a finished result; None where the file is no longer the one that was written."""
        try:
            noted, state = json.loads(self._note(path).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return str(noted) if state and state == _state_of(path) else None

    def note_joined(self, path: Path, noted: str) -> None:
        """Note what a finished result was made of.

        Raises:
            UnderstudyError: the folder cannot be written to.
        """
        write_text(self._note(path), json.dumps([noted, _state_of(path)]))

    def _note(self, path: Path) -> Path:
        return self.folder / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()}.result"

    def drop(self, paths: Iterable[Path]) -> None:
        """Delete what outputs have of a part."""
        for path in paths:
            remove_sealed(path)
            path.with_suffix(".c2pa").unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """Delete what a part told, so that it is not taken for complete."""
        remove_sealed(self._record(name))

    def _record(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def prune(self, used: Collection[str]) -> None:
        """Delete the oldest parts where those beside the `used` names outweigh them several times over."""
        parts: dict[str, list[Path]] = {}
        for path in self.folder.glob("[!.]*"):
            parts.setdefault(path.stem, []).append(path)
        sizes = {name: sum(map(_size, files)) for name, files in parts.items()}
        spare = _SPARE * sum(size for name, size in sizes.items() if name in used)
        others = [name for name in parts if name not in used]
        for name in sorted(others, key=lambda name: max(map(_changed, parts[name])), reverse=True):
            spare -= sizes[name]
            if spare < 0:
                for path in parts[name]:
                    _remove(path)


def _state_of(path: Path) -> str:
    """Tells whether a result is still the one that was written."""
    try:
        state = path.stat()
    except OSError:
        return ""
    beside = sorted(p.name for p in path.iterdir()) if path.is_dir() else [sidecar_path(path).exists()]
    return json.dumps([state.st_size, state.st_mtime_ns, beside])


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*")) if path.is_dir() else path.stat().st_size


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
