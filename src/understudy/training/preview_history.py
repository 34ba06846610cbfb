"""Preview sheets over the course of a training, for a film of how it learned."""

import shutil
from pathlib import Path

from understudy.project.atomic import atomic_path


def keep_in_history(sheet: Path, iteration: int) -> Path:
    """Keep a preview sheet as `history/<its name>/0001200.jpg` beside it; the new path.

    Raises:
        UnderstudyError: it cannot be written.
    """
    kept = sheet.parent / "history" / sheet.stem / f"{iteration:07d}{sheet.suffix}"
    with atomic_path(kept) as temporary:
        shutil.copy2(sheet, temporary)
    return kept
