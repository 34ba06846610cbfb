"""One process at a time, where two would be in each other's way."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from understudy.project.errors import UnderstudyError


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock of that name; the system lets go of it when the process ends, however it ends.

    Args:
        path: an empty file, made where there is none.
        busy: what the user is told while another process holds it.

    Raises:
        UnderstudyError: another process holds it, or the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise UnderstudyError(f"cannot write {path}: {error.strerror or error}") from error
    with file:
        try:
            _lock(file)
        except OSError:
            raise UnderstudyError(busy) from None
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
