"""Copies of a model from hours ago, to go back to."""

import json
import shutil
from pathlib import Path

from understudy.models.latest import checkpoints
from understudy.project.errors import UnderstudyError
from understudy.training.checkpoint import STATE_NAME

KEEP = 24
_FOLDER = "backups"


def back_up_when_due(folder: Path, *, hours: int, seconds: float) -> bool:
    """Copy the model's newest checkpoint and its previews to `backups/01`, and what was there to `02`, up to `24`.

    Args:
        folder: the model's.
        hours: of training between two copies; 0: never.
        seconds: the model's training time so far.

    Returns:
        Whether a copy was made.

    Raises:
        UnderstudyError: the disk is full or cannot be written to; the training itself is not touched.
    """
    newest = folder / _FOLDER / "01"
    if not hours or seconds < _seconds(newest) + 3600 * hours:
        return False
    temporary = folder / _FOLDER / ".unfinished"
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.copytree(checkpoints(folder)[-1], temporary)
        for preview in folder.glob("preview*.jpg"):
            shutil.copy2(preview, temporary)
        _shift(folder / _FOLDER)
        temporary.rename(newest)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise UnderstudyError(f"cannot back up to {newest}: {error.strerror or error}; free some space") from error
    return True


def _seconds(backup: Path) -> float:
    """Training time of a model when it was backed up."""
    try:
        return float(json.loads((backup / STATE_NAME).read_text(encoding="utf-8"))["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


def _shift(folder: Path) -> None:
    """Make `01` free; gaps are filled, so that nothing moves on without need."""
    free = next((number for number in range(1, KEEP) if not (folder / f"{number:02d}").exists()), KEEP)
    shutil.rmtree(folder / f"{free:02d}", ignore_errors=True)
    for number in range(free, 1, -1):
        (folder / f"{number - 1:02d}").rename(folder / f"{number:02d}")
