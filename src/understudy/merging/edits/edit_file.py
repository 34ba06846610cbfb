"""`merge.json` on disk: written so that a person can read it and a change of one thing is a change of one line."""

import json
from typing import Any

from pydantic import ValidationError

from understudy.merging.edits.edit_history import EditHistory
from understudy.merging.edits.edit_list import VERSION, EditList
from understudy.project import Project, UnderstudyError
from understudy.project.atomic import write_text
from understudy.project.folder import one_line

_LARGEST = 1 << 25  # bytes; a keyframe of every setting at every frame of a film fits
_LINE = 100  # characters; what holds no list and is no longer stands on one line


class EditFile:
    """The edit list of a project, and the steps that led to it.

    Attributes:
        path: `merge.json` in the project folder.
    """

    def __init__(self, project: Project) -> None:
        self.path = project.root / "merge.json"
        self._history = EditHistory(project.root / "merge.history.jsonl")

    def read(self) -> EditList | None:
        """The edit list; None where there is none yet.

        Raises:
            UnderstudyError: it cannot be read, or says something that cannot be; the place is in the message.
        """
        if not self.path.exists():
            return None
        try:
            if self.path.stat().st_size > _LARGEST:
                raise UnderstudyError(f"{self.path} is too large for an edit list; restore it from a backup")
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise UnderstudyError(f"{self.path}, {where}: not valid JSON: {error.msg}") from error
        except (OSError, ValueError, RecursionError) as error:
            raise UnderstudyError(f"cannot read {self.path}: {error}") from error
        if isinstance(document, dict) and isinstance(document.get("version"), int) and document["version"] > VERSION:
            raise UnderstudyError(
                f"{self.path} was written by a newer Understudy (version {document['version']}): update this one"
            )
        try:
            return EditList.model_validate(document)
        except ValidationError as error:
            raise UnderstudyError(f"{self.path}: {_counted(one_line(error))}") from error

    def begin(self, edits: EditList) -> None:
        """Write the first edit list of a project; there is nothing to go back to.

        Raises:
            UnderstudyError: it cannot be written.
        """
        write_text(self.path, edit_text(edits))

    def change(self, edits: EditList, what: str) -> None:
        """Write `edits` in the place of what is there, which `undo` brings back; `what` says in a few words.

        Raises:
            UnderstudyError: what is there cannot be read, or nothing can be written.
        """
        before = self.read()
        if before == edits:
            return
        self._history.remember(before or EditList(), what)
        write_text(self.path, edit_text(edits))

    def undo(self) -> str:
        """Take back the last change; says which it was.

        Raises:
            UnderstudyError: there is none, or as `change`.
        """
        return self._step(back=True)

    def redo(self) -> str:
        """Make the change that was taken back last again; says which it was.

        Raises:
            UnderstudyError: as `undo`.
        """
        return self._step(back=False)

    def _step(self, *, back: bool) -> str:
        before, what = self._history.step(self.read() or EditList(), back=back)
        write_text(self.path, edit_text(before))
        self._history.save()
        return what


def edit_text(edits: EditList) -> str:
    """The file's text: the same list, the same text."""
    document: dict[str, Any] = {"version": edits.version}
    document["presets"] = edits.model_dump(mode="json", include={"presets"})["presets"]
    document["shots"] = [_shown(shot.model_dump(mode="json", exclude_defaults=True)) for shot in edits.shots]
    return _text(document, "") + "\n"


def _shown(shot: dict[str, Any]) -> dict[str, Any]:
    """Where the shot lies first; each keyframe with all that it says."""
    ordered: dict[str, Any] = {
        name: shot[name] for name in ("first", "last", "preset", "settings", "keyframes", "persons") if name in shot
    }
    for choices in (ordered, *ordered.get("persons", {}).values()):
        for keys in choices.get("keyframes", {}).values():
            for key in keys:
                key.setdefault("ease", "linear")
        for name in ("settings", "keyframes"):
            if not choices.get(name, True):
                del choices[name]
    return ordered


def _text(part: Any, indent: str) -> str:
    """JSON in which only what holds other lists or objects is broken into lines."""
    is_flat = not isinstance(part, (dict, list)) or not any(isinstance(inner, (dict, list)) for inner in _inner(part))
    flat = json.dumps(part, ensure_ascii=False)
    if not isinstance(part, (dict, list)) or not part or (is_flat and len(flat) + len(indent) <= _LINE):
        return flat
    deeper = indent + "  "
    if isinstance(part, dict):
        lines = [
            f"{deeper}{json.dumps(key, ensure_ascii=False)}: {_text(inner, deeper)}" for key, inner in part.items()
        ]
        opening, closing = "{", "}"
    else:
        lines = [deeper + _text(inner, deeper) for inner in part]
        opening, closing = "[", "]"
    return opening + "\n" + ",\n".join(lines) + f"\n{indent}{closing}"


def _inner(part: dict[str, Any] | list[Any]) -> list[Any]:
    return list(part.values()) if isinstance(part, dict) else part


def _counted(fault: str) -> str:
    """Pydantic's place with shots and keyframes counted from 1: `shots.0.settings` is shot 1, settings."""
    place, colon, wrong = fault.partition(": ")
    parts = place.split(".")
    if not colon or parts[0] not in ("shots", "presets", "version"):
        return fault
    shown: list[str] = []
    for part in parts:
        if part.isdecimal() and shown and shown[-1] == "shots":
            shown[-1] = f"shot {int(part) + 1}"
        elif part.isdecimal() and shown:
            shown[-1] += f", number {int(part) + 1}"
        else:
            shown.append(part)
    return f"{', '.join(shown)}: {wrong}"
