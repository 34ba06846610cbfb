"""Where a result is made until it is signed, and how it then appears under its name."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from understudy.media.joining import FinishedPart
from understudy.project.atomic import atomic_path, flush, write_bytes
from understudy.project.errors import UnderstudyError
from understudy.provenance.credentials import Credentials, embeds
from understudy.provenance.sequence import LISTING, differences, read_listing, write_listing
from understudy.provenance.sidecar import current_sidecar, let_appear, making_folder, mend, sidecar_path


def unsigned_path(path: Path) -> Path:
    """Where `path` is made: in a hidden folder beside it, which is always the same.

    What a killed process left in there is removed, but for a sidecar whose file has appeared, which follows it.

    Raises:
        UnderstudyError: the folder cannot be made.
    """
    folder = making_folder(path)
    try:
        mend(path)
        remove(folder)
        folder.mkdir(parents=True)
    except OSError as error:
        raise UnderstudyError(f"cannot write {path}: {error.strerror or error}") from error
    return folder / path.name


def clear(path: Path) -> None:
    """Remove what is left of the making of `path`, but for a sidecar that could not follow its file."""
    if not path.exists() or current_sidecar(path) == sidecar_path(path):
        remove(making_folder(path))


def remove(path: Path) -> None:
    """Remove a file or a whole folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def named(temporary: Path, path: Path) -> Iterator[None]:
    """Let faults speak of the file that the user knows."""
    try:
        yield
    except UnderstudyError as error:
        raise UnderstudyError(str(error).replace(str(temporary), str(path))) from error


def finish(credentials: Credentials, unsigned: Path, target: Path, parts: Sequence[FinishedPart] = ()) -> None:
    """Sign what was written, be it joined of parts, and let it appear."""
    try:
        if unsigned.is_dir():
            listing = write_listing(unsigned)
            if parts:
                _refuse_changed(parts, listing)
            write_bytes(sidecar_path(listing), credentials.detached(listing))
            with suppress(FileNotFoundError):
                target.rmdir()
            unsigned.rename(target)
        else:
            _sign(credentials, unsigned, target)
    except OSError as error:
        raise UnderstudyError(f"cannot write {target}: {error.strerror or error}") from error


def _refuse_changed(parts: Sequence[FinishedPart], listing: Path) -> None:
    """Refuse to sign pictures that were painted over: a result's share their place on the disk with its parts'.

    Raises:
        UnderstudyError: a part has other pictures than when it was signed.
    """
    signed = [read_listing(part.path / LISTING) for part in parts]
    if Counter(read_listing(listing).values()) == Counter(digest for digests in signed for digest in digests.values()):
        return
    for part, digests in zip(parts, signed, strict=True):
        if differences(part.path, digests):
            raise UnderstudyError(f"{part.path}: pictures were changed by hand: delete it to render them again")


def _sign(credentials: Credentials, unsigned: Path, target: Path) -> None:
    """Sign a finished file and give it its name; `unsigned` is used up."""
    if embeds(target):
        with atomic_path(unsigned) as signed:
            credentials.embed(unsigned, signed)
    else:
        flush(unsigned)
        write_bytes(sidecar_path(unsigned), credentials.detached(unsigned))
    let_appear(unsigned, target)
