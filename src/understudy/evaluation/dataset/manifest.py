"""What a data set was made of and how, so that it can be made again."""

from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from understudy import __version__
from understudy.evaluation.dataset.settings import DatasetSettings
from understudy.evaluation.dataset.split import Split
from understudy.merging import MergeSettings
from understudy.project import Basis, UnderstudyError
from understudy.project.folder import one_line

_HEX = r"^[0-9a-f]{64}$"
_LARGEST = 64 << 20  # bytes
_PACKAGES = ("torch", "numpy", "opencv-python-headless", "av")  # what decides pixels, beside this program


class Digests(BaseModel):
    """SHA-256 of what was written of a pair: labels, mask files, and the pixels of pictures and videos."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: str = Field(pattern=_HEX)
    masks: str = Field(pattern=_HEX)
    pixels: str = Field(pattern=_HEX)


class Training(BaseModel):
    """How a network's weights came about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    iteration: int
    settings_sha256: str = Field(pattern=_HEX)


class Pair(BaseModel):
    """One project in the data set: dst's footage, and the same with src's face.

    Attributes:
        name: of its folder.
        split: which part it is in.
        project: the project's id, sixteen hexadecimal digits.
        src, dst: the performers, numbered; equal numbers are one performer.
        consent: SHA-256 of the consent record; names of performers are not in the data set.
        src_basis, dst_basis: why the footage may be used.
        src_clips, dst_clips: SHA-256 of each clip.
        model, model_sha256: kind of the network, and digest of its weights.
        training: of that network; None where it is not known.
        faces: SHA-256 of the landmarks by which the faces are placed.
        merge: the settings that the frames were composited with.
        written: what came of it; None until it is written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^pair-\d{3,6}$")
    split: Split
    project: str = Field(pattern=r"^[0-9a-f]{16}$")
    src: str = Field(pattern=r"^performer-\d{3,6}$")
    dst: str = Field(pattern=r"^performer-\d{3,6}$")
    consent: str = Field(pattern=_HEX)
    src_basis: Basis
    dst_basis: Basis
    src_clips: tuple[str, ...]
    dst_clips: tuple[str, ...]
    model: str = Field(max_length=100)
    model_sha256: str = Field(pattern=_HEX)
    training: Training | None
    faces: str = Field(pattern=_HEX)
    merge: MergeSettings
    written: Digests | None = None

    @property
    def folder(self) -> PurePosixPath:
        """Inside the data set."""
        return PurePosixPath(self.split) / self.name


class Manifest(BaseModel):
    """The data set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["understudy-dataset"] = "understudy-dataset"
    version: Literal[1] = 1
    made_with: dict[str, str]
    settings: DatasetSettings
    pairs: tuple[Pair, ...] = Field(min_length=1, max_length=100_000)

    @field_validator("pairs")
    @classmethod
    def _named_apart(cls, pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
        if len({pair.name for pair in pairs}) < len(pairs) or len({pair.project for pair in pairs}) < len(pairs):
            raise ValueError("two pairs have one name or one project")
        return pairs

    def text(self) -> str:
        """The manifest as a file."""
        return self.model_dump_json(indent=2) + "\n"


def tools() -> dict[str, str]:
    """Versions of everything that decides pixels."""
    return {"understudy": __version__, **{package: version(package) for package in _PACKAGES}}


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        UnderstudyError: it cannot be read or is none.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UnderstudyError(f"{path} is too large for a data set's manifest")
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnderstudyError(f"cannot read {path}: {error}") from error
    except ValidationError as error:
        raise UnderstudyError(f"{path} is not a data set's manifest: {one_line(error)}") from error
