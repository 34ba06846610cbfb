"""Writes that either happen whole or not at all."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from understudy.project.errors import UnderstudyError

_TEMPORARY = re.compile(r"\.[0-9a-f]{12}(\.\w+)?")


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path in `target`'s folder with its suffix; rename it to `target` on success.

    The file is flushed to disk before the rename; on any exception it is removed and `target` stays as it was.
    The temporary name starts with a dot, so that a file manager hides it and a faceset listing skips it.

    Raises:
        UnderstudyError: the folder cannot be written to, or the disk is full.
    """
    temporary = target.with_name(f".{uuid.uuid4().hex[:12]}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        flush(temporary)
        temporary.replace(target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise UnderstudyError(f"cannot write {target}: {error.strerror or error}") from error
        raise


def flush(path: Path) -> None:
    """Let a file be on the disk, and not only on its way there.

    Raises:
        OSError: it cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(target: Path, data: bytes) -> None:
    """Write `data` to `target` atomically.

    Raises:
        UnderstudyError: as `atomic_path`.
    """
    with atomic_path(target) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str) -> None:
    """Write `text` as UTF-8 to `target` atomically.

    Raises:
        UnderstudyError: as `atomic_path`; or the text holds a file's name that is not Unicode.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        name = text[max(error.start - 20, 0) : error.end].splitlines()[-1].encode("ascii", "backslashreplace").decode()
        raise UnderstudyError(
            f"cannot write {target}: the name of a file is not Unicode (…{name}): rename it"
        ) from error
    write_bytes(target, data)


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files that a killed process left in `folder`."""
    for path in folder.glob(".*"):
        if _TEMPORARY.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)
