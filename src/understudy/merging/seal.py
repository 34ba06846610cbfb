"""Seals: a checksum beside each finished file of the cache, by which damage is noticed before the file is used."""

import hashlib
import shutil
from pathlib import Path

from understudy.project.atomic import write_text


def seal(path: Path) -> None:
    """Note the checksum of a finished file, or folder of files, beside it.

    Raises:
        UnderstudyError: the note cannot be written.
        OSError: the file cannot be read.
    """
    write_text(seal_path(path), _checksum(path) + "\n")


def is_intact(path: Path) -> bool:
    """Whether a file or folder is still, byte for byte, what was sealed; not where it has no seal."""
    try:
        return seal_path(path).read_text(encoding="ascii").strip() == _checksum(path)
    except (OSError, UnicodeDecodeError):
        return False


def seal_path(path: Path) -> Path:
    """Where the checksum of `path` lies."""
    return path.with_suffix(".sha256")


def remove_sealed(path: Path) -> None:
    """Delete a file or folder with its seal; what is not there is passed over."""
    seal_path(path).unlink(missing_ok=True)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _checksum(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of the names and checksums of its files."""
    if path.is_dir():
        lines = (f"{_checksum(file)} {file.name}\n" for file in sorted(path.iterdir()))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
