"""The steps back and forth: each line of `merge.history.jsonl` is an edit list as it once was."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from understudy.merging.edits.edit_list import EditList
from understudy.project import UnderstudyError
from understudy.project.atomic import write_text
from understudy.project.folder import one_line

STEPS = 100
"""As many changes can be taken back."""

_LARGEST = 1 << 28  # bytes


class _Step(BaseModel):
    """A state to go to: back from here, or forth after going back; `what` names the change between."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Literal["undo", "redo"]
    what: str
    edits: EditList


class EditHistory:
    """Two piles of earlier states: those that `undo` goes to, and those that `redo` goes to.

    Edits made by hand are part of the state that the next step keeps, so going back and forth loses nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._piles: dict[str, list[_Step]] = {"undo": [], "redo": []}

    def remember(self, before: EditList, what: str) -> None:
        """Keep the state before a change; what was taken back earlier can no longer be made again.

        Raises:
            UnderstudyError: the history cannot be read or written.
        """
        self._load()
        self._piles["undo"].append(_Step(to="undo", what=what, edits=before))
        self._piles["redo"] = []
        self.save()

    def step(self, now: EditList, *, back: bool) -> tuple[EditList, str]:
        """The state one step back or forth, and the change that lies between; `save` makes it so.

        Raises:
            UnderstudyError: there is no such step, or the history cannot be read.
        """
        self._load()
        here, there = ("undo", "redo") if back else ("redo", "undo")
        if not self._piles[here]:
            raise UnderstudyError(f"there is nothing to {here}: {self._path} holds no such step")
        found = self._piles[here].pop()
        self._piles[there].append(_Step(to="redo" if back else "undo", what=found.what, edits=now))
        return found.edits, found.what

    def save(self) -> None:
        """Write the history.

        Raises:
            UnderstudyError: it cannot be written.
        """
        steps = [*self._piles["undo"][-STEPS:], *self._piles["redo"]]
        lines = (json.dumps(_document(step), ensure_ascii=False) for step in steps)
        write_text(self._path, "".join(f"{line}\n" for line in lines))

    def _load(self) -> None:
        self._piles = {"undo": [], "redo": []}
        if not self._path.exists():
            return
        try:
            if self._path.stat().st_size > _LARGEST:
                raise UnderstudyError(f"{self._path} is too large for a history; remove it")
            lines = self._path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UnderstudyError(f"cannot read {self._path}: {error}") from error
        for number, line in enumerate(lines[:-1], 1):
            try:
                step = _Step.model_validate_json(line)
            except ValidationError as error:
                raise UnderstudyError(f"{self._path}, line {number}: {one_line(error)}; remove the file") from error
            self._piles[step.to].append(step)


def _document(step: _Step) -> dict[str, object]:
    return {"to": step.to, "what": step.what, "edits": step.edits.model_dump(mode="json", exclude_defaults=True)}
