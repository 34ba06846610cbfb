"""Earlier results are kept: they get a number when a new one takes their name."""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from understudy.media.encode import VIDEO_SUFFIXES
from understudy.project import UnderstudyError
from understudy.project.atomic import atomic_path
from understudy.provenance.credentials import embeds
from understudy.provenance.sequence import LISTING
from understudy.provenance.sidecar import mend, sidecar_path


def keep_earlier(path: Path) -> Path | None:
    """Give what lies under a result's name a name of its own beside it: `result.1.mp4`, and so on, the latest last.

    A file keeps its first name too until the new result takes it, so that there is a result at any moment.

    Returns:
        The name that it has now; None where nothing lies there.

    Raises:
        UnderstudyError: it cannot be renamed.
    """
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return None
    kept = path.with_name(f"{path.stem}.{_latest(path) + 1}{path.suffix}")
    try:
        if path.is_dir():
            path.rename(kept)
            return kept
        if not embeds(path):
            mend(path)
            with suppress(FileNotFoundError):  # first: a sidecar without a file does no harm
                _also(sidecar_path(path), sidecar_path(kept))
        _also(path, kept)
    except OSError as error:
        raise UnderstudyError(f"cannot keep {path} as {kept.name}: {error.strerror or error}") from error
    return kept


def refuse_unlike(path: Path) -> None:
    """Refuse to take a folder's name unless it holds the pictures of an earlier result, or nothing.

    Raises:
        UnderstudyError: something else has that name, or the folder that it is to lie in cannot be written to.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UnderstudyError(f"cannot write {path}: {folder} is no folder that may be written to")
    if path.is_dir():
        is_free = path.suffix.lower() not in VIDEO_SUFFIXES and ((path / LISTING).exists() or not any(path.iterdir()))
    else:
        is_free = path.suffix.lower() in VIDEO_SUFFIXES or not path.exists()
    if not is_free:
        raise UnderstudyError(f"{path} exists already: remove it or name another")


def _latest(path: Path) -> int:
    """The highest number that an earlier result has."""
    numbered = re.compile(re.escape(path.stem) + r"\.([0-9]{1,9})" + re.escape(path.suffix))
    found = (numbered.fullmatch(other.name) for other in path.parent.iterdir())
    return max((int(match[1]) for match in found if match), default=0)


def _also(path: Path, kept: Path) -> None:
    """A second name for a file, or a copy where the disk has no such thing."""
    try:
        os.link(path, kept)
    except FileNotFoundError:
        raise
    except OSError:
        with atomic_path(kept) as copy:
            shutil.copy2(path, copy)
