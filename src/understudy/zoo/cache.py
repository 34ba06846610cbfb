"""Where fetched model files are kept."""

import hashlib
import os
import sys
from pathlib import Path

from understudy.zoo.model_file import ModelFile


def cache_folder() -> Path:
    """The folder of model files: $UNDERSTUDY_CACHE, or `understudy/models` in the user's cache folder."""
    if chosen := os.environ.get("UNDERSTUDY_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "understudy" / "models"


def is_genuine(path: Path, file: ModelFile) -> bool:
    """Whether `path` holds exactly the catalogued bytes."""
    try:
        if path.stat().st_size != file.size:
            return False
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False
