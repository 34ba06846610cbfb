"""Where a command's defaults come from: the project's own settings before the built-in ones."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from understudy.project import Project, UnderstudyError
from understudy.project.folder import SETTINGS_FILE, one_line

Settings = TypeVar("Settings", bound=BaseModel)


def project_folder(words: list[str]) -> Path:
    """The value of `--project` among the words of a command, read before they are parsed; else the current folder."""
    for at, word in enumerate(words):
        if word == "--project" and at + 1 < len(words):
            return Path(words[at + 1])
        if word.startswith("--project="):
            return Path(word.removeprefix("--project="))
    return Path()


def project_settings(group: type[Settings], stage: Literal["extract", "train", "merge"], folder: Path) -> Settings:
    """`group` with what the project's settings file says of `stage`; plain defaults where there is no project yet.

    Raises:
        UnderstudyError: the file sets something that `group` does not allow.
    """
    if not (folder / SETTINGS_FILE).exists():
        return group()
    try:
        return group.model_validate(Project(folder).settings(stage))
    except ValidationError as error:
        raise UnderstudyError(f"{folder / SETTINGS_FILE}, [{stage}]: {one_line(error)}") from error
