"""One manifest for a folder of pictures: a listing of their SHA-256, which is signed in their place.

The listing is what `sha256sum` writes, so that `sha256sum -c pictures.sha256` checks the pictures too, and any C2PA
reader takes it for the asset that `pictures.c2pa` belongs to.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from understudy.media.images import IMAGE_SUFFIXES
from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent
from understudy.provenance.origin import Digest

LISTING = "pictures.sha256"

_LARGEST = 1 << 28  # bytes; a million pictures have a listing of a third of that
_LINE = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9a-f]{64}) [ *](?P<name>[^/\0\n]+)")
_SHORTHAND = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


def write_listing(folder: Path) -> Path:
    """Write the listing of the pictures of `folder` into it; returns its path.

    Raises:
        UnderstudyError: a picture cannot be read, or the folder cannot be written to.
    """
    digests = _digests(folder, sorted(path.name for path in _pictures(folder)), Silent())
    listing = folder / LISTING
    text = "".join(_line(name, digest) for name, digest in digests.items())
    write_bytes(listing, text.encode("utf-8", "surrogateescape"))
    return listing


def read_listing(listing: Path) -> dict[str, Digest]:
    """The digests that a listing gives for the names in it.

    Raises:
        UnderstudyError: it cannot be read, or is no such listing.
    """
    try:
        if listing.stat().st_size > _LARGEST:
            raise UnderstudyError(f"{listing} is too large for a listing of pictures; remove it if it is none")
        text = listing.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UnderstudyError(f"cannot read {listing}: {error.strerror or error}") from error
    digests: dict[str, Digest] = {}
    for number, line in enumerate(text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"), 1):
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise UnderstudyError(f"{listing}, line {number}: not a line of 'sha256sum'; restore it from a backup")
        name = parts["name"]
        if parts["escaped"]:
            name = re.sub(r"\\[\\nr]", lambda found: _SHORTHAND[found[0]], name)
        digests[name] = parts["digest"]
    return digests


def differences(
    folder: Path, digests: Mapping[str, Digest], only: Iterable[str] | None = None, *, progress: Progress | None = None
) -> list[str]:
    """What is not as listed, one line each: pictures changed, missing, or added.

    Args:
        only: names of the pictures to look at; None: all of the listing and of the folder.

    Raises:
        UnderstudyError: a picture cannot be read.
    """
    there = {path.name for path in _pictures(folder)}
    wanted = sorted(there | set(digests)) if only is None else list(only)
    found = _digests(folder, [name for name in wanted if name in there and name in digests], progress or Silent())
    lines = []
    for name in wanted:
        if name not in digests:
            lines.append(f"{name}: added since the pictures were signed")
        elif name not in found:
            lines.append(f"{name}: missing")
        elif found[name] != digests[name]:
            lines.append(f"{name}: changed since it was signed")
    return lines


def _pictures(folder: Path) -> list[Path]:
    paths = (path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    return [path for path in paths if not path.name.startswith(".") and path.is_file()]


def _digests(folder: Path, names: list[str], progress: Progress) -> dict[str, Digest]:
    progress.begin("comparing the pictures", len(names))
    digests: dict[str, Digest] = {}
    with ThreadPoolExecutor() as pool:
        for name, digest in zip(names, pool.map(lambda name: _digest(folder / name), names), strict=True):
            digests[name] = digest
            progress.advance()
    return digests


def _digest(path: Path) -> Digest:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error


def _line(name: str, digest: Digest) -> str:
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == name else chr(92)}{digest}  {escaped}\n"
