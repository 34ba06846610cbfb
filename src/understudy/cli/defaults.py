"""Where a command's defaults come from: the project's own settings before the built-in ones."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from understudy.project import Project, UnderstudyError
from understudy.project.folder import SETTINGS_FILE, one_line

Settings = TypeVar("Settings", bound=BaseModel)


def value_of(flag: str, words: list[str]) -> str | None:
    """The value of a flag that other defaults depend on, read before the words of a command are parsed."""
    for at, word in enumerate(words):
        if word == flag and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"{flag}="):
            return word.removeprefix(f"{flag}=")
    return None


def project_folder(words: list[str]) -> Path:
    """What `--project` says, else the current folder."""
    return Path(value_of("--project", words) or ".")


def project_settings(builtin: Settings, stage: Literal["extract", "train", "merge"], folder: Path) -> Settings:
    """The built-in settings with what the project's file says of `stage`; as they are where there is no project yet.

    Raises:
        UnderstudyError: the file sets something that the settings do not allow.
    """
    if not (folder / SETTINGS_FILE).exists():
        return builtin
    try:
        return builtin.model_validate(builtin.model_dump() | Project(folder).settings(stage))
    except ValidationError as error:
        raise UnderstudyError(f"{folder / SETTINGS_FILE}, [{stage}]: {one_line(error)}") from error


def given(settings: type[BaseModel], words: list[str]) -> frozenset[str]:
    """The names of the settings that the words of a command set, be it to what they are anyway."""
    flags = {word.partition("=")[0].replace("_", "-") for word in words if word.startswith("--")}
    names = ((name, name.replace("_", "-")) for name in settings.model_fields)
    return frozenset(name for name, flag in names if flags & {f"--{flag}", f"--no-{flag}"})
