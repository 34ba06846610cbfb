"""Deleting without losing: files move to a trash folder beside their own."""

import uuid
from pathlib import Path

from understudy.project.errors import UnderstudyError


def move_to_trash(path: Path) -> Path:
    """Move a file or a folder to the folder beside its own whose name ends in `_trash`, as this field's users expect.

    An older file of the same name in the trash is kept: the newcomer's stem gets a suffix.

    Returns:
        Where it lies now.

    Raises:
        UnderstudyError: it cannot be moved.
    """
    folder = path.parent.with_name(f"{path.parent.name}_trash")
    target = folder / path.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target = folder / f"{path.stem}~{uuid.uuid4().hex[:8]}{path.suffix}"
        path.rename(target)
    except OSError as error:
        raise UnderstudyError(f"cannot move {path} to {folder}: {error.strerror or error}") from error
    return target
