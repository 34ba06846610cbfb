"""What the commands that change an edit list have in common."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from understudy.cli.console import Display
from understudy.cli.defaults import project_settings
from understudy.media import open_source
from understudy.merging import MergeSettings
from understudy.merging.edits import EditFile, EditList
from understudy.merging.edits.changes import parse_value
from understudy.merging.edits.edited_settings import EditedSettings, edits_of
from understudy.merging.edits.summary import summary
from understudy.project import Project, UnderstudyError


def change(folder: Path, how: Callable[[EditList], EditList], what: str, display: Display) -> int:
    """Change the project's edit list, which is made of the shots that are found when there is none; show it.

    Raises:
        UnderstudyError: the change is not possible, or the list cannot be read or written.
    """
    project = Project(folder)
    file = EditFile(project)
    edits = how(file.read() or edits_of(file, open_source(project.clips("dst")), display))
    # Settings that do not go together are refused here rather than by the next merge.
    EditedSettings(project_settings(MergeSettings(), "merge", folder), edits)
    file.change(edits, what)
    display.result(summary(edits), edits.model_dump(mode="json"))
    return 0


def named_values(words: Sequence[str]) -> dict[str, Any]:
    """The settings of words such as `erode=3`; None where nothing follows the sign.

    Raises:
        UnderstudyError: a word has no such sign.
    """
    values: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise UnderstudyError(f"'{word}' sets nothing: write a setting's name and its value, as in erode=3")
        values[name.strip().replace("-", "_")] = parse_value(value) if value else None
    return values
