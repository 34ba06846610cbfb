"""Credentials beside a file: where they lie, and how a file and its sidecar take the place of earlier ones together.

Two files cannot be renamed at once. So both are made in a hidden folder, and the file goes first: until it has gone the
earlier pair is whole, and from then on the credentials that count are those in the folder, until they have followed.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from understudy.project.errors import UnderstudyError


def sidecar_path(path: Path) -> Path:
    """Where the credentials of `path` lie when they are not inside it; the C2PA tools look there too."""
    return path.with_suffix(".c2pa")


def making_folder(path: Path) -> Path:
    """The hidden folder beside `path` in which it is made, which is always the same."""
    return path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]}")


def current_sidecar(path: Path) -> Path:
    """Where the credentials of `path` lie at this moment, be it between the two steps in which it appeared."""
    left = making_folder(path) / sidecar_path(path).name
    return left if left.is_file() and not left.with_name(path.name).exists() else sidecar_path(path)


def let_appear(made: Path, path: Path) -> None:
    """Give a file, and its sidecar if one was made beside it, their names; both come from `making_folder`.

    Raises:
        OSError: they cannot be renamed.
    """
    made.replace(path)
    mend(path)


def mend(path: Path) -> None:
    """Finish what a process left that was killed between file and sidecar; else nothing is done.

    Raises:
        OSError: the sidecar cannot be renamed.
    """
    if path.exists() and (current := current_sidecar(path)) != sidecar_path(path):
        with suppress(FileNotFoundError):  # another process was faster
            current.replace(sidecar_path(path))


def read_sidecar(path: Path) -> bytes:
    """The content of a `.c2pa` file.

    Raises:
        UnderstudyError: it cannot be read, or is far larger than credentials are.
    """
    try:
        if path.stat().st_size > 1 << 26:
            raise UnderstudyError(f"{path} is too large to hold credentials; remove it if it came from elsewhere")
        return path.read_bytes()
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
