"""Where a swapped picture comes from, and how much of that is told to whoever receives it."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.project.consent import ConsentRecord
from understudy.project.errors import UnderstudyError

Digest = str
"""SHA-256 in hexadecimal."""

_HEX = r"^[0-9a-f]{64}$"


class UsedModel(BaseModel):
    """A swap model: its name, the digest of its weights, and which state of it, such as the iteration."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(max_length=1000)
    sha256: Digest = Field(pattern=_HEX)
    version: str | None = Field(default=None, max_length=100)


@dataclass(frozen=True)
class Origin:
    """Everything that the credentials of one output are made of.

    There is no default for the consent record and no way around it: whoever writes a swapped frame holds one.

    Attributes:
        project_id: sixteen hexadecimal digits.
        consent: both performers' agreements; only their digest leaves.
        src_clips: files, or folders of images, that the new face was learned from.
        dst_clips: files, or folders of images, whose face was replaced, in playing order; at least one.
        model: name of the swap model.
        model_sha256: digest of its weights.
        model_version: which state of it, such as the iteration that it was trained to.
        settings_sha256: digest of the settings that the frames were composited with.
        further_models: what else made faces, where several people were swapped.

    Raises:
        UnderstudyError: an agreement of the consent record was revoked or has expired.
    """

    project_id: str
    consent: ConsentRecord
    src_clips: tuple[Path, ...]
    dst_clips: tuple[Path, ...]
    model: str
    model_sha256: Digest
    settings_sha256: Digest
    model_version: str | None = None
    further_models: tuple[UsedModel, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.consent, ConsentRecord):
            raise TypeError("a swapped frame cannot leave without a consent record")
        if not self.dst_clips:
            raise ValueError("an origin names at least one dst clip")
        self.consent.require_in_force()


class MarkedClip(BaseModel):
    """A clip as the credentials name it: its file name without the folder, and the digest of its content."""

    model_config = ConfigDict(frozen=True)

    role: Literal["src", "dst"]
    title: str = Field(max_length=1000)
    sha256: Digest = Field(pattern=_HEX)


class Mark(BaseModel):
    """The project's own assertion inside the credentials; written when signing, read back when verifying."""

    model_config = ConfigDict(frozen=True)

    project: str = Field(max_length=100)
    consent_sha256: Digest = Field(pattern=_HEX)
    model: str = Field(max_length=1000)
    model_sha256: Digest = Field(pattern=_HEX)
    settings_sha256: Digest = Field(pattern=_HEX)
    label: str | None = Field(max_length=1000)
    clips: tuple[MarkedClip, ...] = Field(max_length=10_000)
    model_version: str | None = Field(default=None, max_length=100)
    further_models: tuple[UsedModel, ...] = Field(default=(), max_length=100)
    file_type_sha256: Digest | None = Field(default=None, pattern=_HEX)


def make_mark(origin: Origin, *, label: str | None) -> Mark:
    """What the credentials say of `origin`; `label` is the text shown in the picture, None where there is none.

    Performers are not named: neither by the consent record nor by a clip or model that is called after them.

    Raises:
        UnderstudyError: a clip cannot be read.
    """
    names = (origin.consent.src.name, origin.consent.dst.name)
    sides: tuple[tuple[Literal["src", "dst"], tuple[Path, ...]], ...] = (
        ("dst", origin.dst_clips),
        ("src", origin.src_clips),
    )
    return Mark(
        project=origin.project_id,
        consent_sha256=origin.consent.digest(),
        model=_discreet(origin.model, names, "unnamed"),
        model_sha256=origin.model_sha256,
        model_version=origin.model_version,
        further_models=tuple(
            model.model_copy(update={"name": _discreet(model.name, names, "unnamed")})
            for model in origin.further_models
        ),
        settings_sha256=origin.settings_sha256,
        label=label,
        clips=tuple(
            MarkedClip(
                role=role, title=_discreet(path.name, names, f"{role} {number}{path.suffix}"), sha256=clip_digest(path)
            )
            for role, paths in sides
            for number, path in enumerate(paths, 1)
        ),
    )


def clip_digest(path: Path) -> Digest:
    """SHA-256 of a clip's file; of a folder, that of `sha256sum`'s listing of its files in the order of their names.

    Raises:
        UnderstudyError: the clip cannot be read.
    """
    try:
        if not path.is_dir():
            return _file_digest(path)
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
        listing = "".join(f"{_file_digest(file)}  {file.name}\n" for file in files)
    except OSError as error:
        raise UnderstudyError(f"cannot read {path} for the credentials: {error.strerror or error}") from error
    return hashlib.sha256(listing.encode()).hexdigest()


def _file_digest(path: Path) -> Digest:
    state = path.stat()
    return _digest_of_version(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4096)
def _digest_of_version(path: Path, size: int, modified: int) -> Digest:  # noqa: ARG001 (they name the version)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _discreet(text: str, names: tuple[str, ...], substitute: str) -> str:
    """`text`, unless it gives a performer away: clips and models are often named for who is in them."""
    words = {word for name in names for word in re.findall(r"\w{2,}", _folded(name))} - {"src", "dst"}
    return substitute if any(word in _folded(text) for word in words) else text


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
