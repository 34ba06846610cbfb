"""Renaming many files of a folder at once, in two passes, so that names may be swapped and a crash loses none."""

import json
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from understudy.project.atomic import write_text
from understudy.project.errors import UnderstudyError

JOURNAL_NAME = ".renaming.json"


class _Journal(BaseModel):
    """What is being renamed, and how far it has come: files are set aside first, then given their new names."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    aside: bool = False
    names: list[tuple[str, str]]


def rename_files(folder: Path, names: Mapping[str, str]) -> None:
    """Rename files of `folder`, old name to new; each keeps its suffix.

    A process that is killed meanwhile leaves every file under its old name, under its new one, or under both joined by
    `~`; `finish_renaming` completes what it began.

    Raises:
        UnderstudyError: a name is not a plain file name, two files would get the same one, another file has it
            already, or the folder cannot be written to.
    """
    finish_renaming(folder)
    moves = [(old, new) for old, new in names.items() if old != new]
    if not moves:
        return
    staying = set(names) - {old for old, _ in moves}
    taken = staying | {path.name for path in folder.iterdir()} - set(names)
    for old, new in moves:
        if not (is_plain(old) and is_plain(new)) or Path(old).suffix.lower() != Path(new).suffix.lower():
            raise UnderstudyError(f"'{old}' cannot be renamed to '{new}': give a file name with the same suffix")
        if new in taken:
            raise UnderstudyError(f"{folder / new} is in the way of {old}: move it elsewhere")
        taken.add(new)
    journal = _Journal(names=moves)
    write_text(folder / JOURNAL_NAME, journal.model_dump_json())
    _run(folder, journal)


def finish_renaming(folder: Path) -> bool:
    """Complete a renaming that was interrupted; whether there was one.

    Raises:
        UnderstudyError: its journal is damaged, or a file cannot be renamed.
    """
    path = folder / JOURNAL_NAME
    try:
        journal = _Journal.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, ValidationError) as error:
        raise UnderstudyError(f"cannot read {path}, which says what was being renamed: {error}; delete it") from error
    if not all(is_plain(name) for pair in journal.names for name in pair):
        raise UnderstudyError(f"{path} names files outside of its folder; delete it")
    _run(folder, journal)
    return True


def is_plain(name: str) -> bool:
    """Whether a name is that of a visible file and leads nowhere else."""
    return not (name.startswith(".") or any(mark in name for mark in '/\\:\0"*?<>|')) and 0 < len(name.encode()) <= 200


def numbered(name: str) -> Iterator[str]:
    """`name`, then `name` with `~2`, `~3`, ... before its suffix."""
    path = Path(name)
    yield name
    yield from (f"{path.stem}~{number}{path.suffix}" for number in count(2))


def free_name(name: str, taken: Container[str]) -> str:
    """The first of `numbered` that is not taken."""
    return next(found for found in numbered(name) if found not in taken)


def original_names(first: Mapping[str, str | None]) -> dict[str, str]:
    """The way back to first names: present name to first name, numbered where several faces had the same one.

    Args:
        first: each file's first name, None where it was never renamed, by its present one.
    """
    back: dict[str, str] = {}
    taken: set[str] = set()
    for name, original in first.items():
        usable = (
            original is not None and is_plain(original) and Path(original).suffix.lower() == Path(name).suffix.lower()
        )
        back[name] = free_name(original if original is not None and usable else name, taken)
        taken.add(back[name])
    return back


def _run(folder: Path, journal: _Journal) -> None:
    try:
        if not journal.aside:
            for old, new in journal.names:
                aside = folder / _aside(old, new)
                if not aside.exists():
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        (folder / old).rename(aside)
            journal = journal.model_copy(update={"aside": True})
            write_text(folder / JOURNAL_NAME, journal.model_dump_json())
        present = {path.name for path in folder.iterdir()}
        for old, new in journal.names:
            waiting = _aside(old, new)
            if waiting in present:
                name = free_name(new, present)  # someone may have put another file there meanwhile
                (folder / waiting).rename(folder / name)
                present.add(name)
        (folder / JOURNAL_NAME).unlink()
    except OSError as error:
        raise UnderstudyError(f"cannot rename the files of {folder}: {error.strerror or error}") from error


def _aside(old: str, new: str) -> str:
    return f"{Path(new).stem}~{old}"
