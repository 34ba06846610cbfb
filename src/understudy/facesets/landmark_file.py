"""Landmarks in a JSON file: what was found, for other programs to look at, and corrections by hand, to take in."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from understudy.facesets.faceset import Faceset
from understudy.project.atomic import write_text
from understudy.project.errors import UnderstudyError
from understudy.project.folder import one_line

_MOST_BYTES = 1 << 28
_Coordinate = Annotated[FiniteFloat, Field(ge=-1e5, le=1e5)]
_Point = tuple[_Coordinate, _Coordinate]


class LandmarkFace(BaseModel):
    """One face of a frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str | None = Field(
        default=None,
        max_length=200,
        description="Name of the aligned face whose landmarks these are, or whose they replace; null: a new face.",
    )
    landmarks: Annotated[list[_Point], Field(min_length=68, max_length=68)] = Field(
        description="(x, y) in frame pixels, pixel centres at integers, in the order of iBUG 300-W."
    )


class LandmarkFrame(BaseModel):
    """The faces of one frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame: int = Field(ge=0, le=100_000_000, description="Index in the whole source, from 0.")
    faces: Annotated[list[LandmarkFace], Field(max_length=1000)]


class LandmarkFile(BaseModel):
    """The document."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_name: Literal["understudy/landmarks"] = Field("understudy/landmarks", alias="schema")
    version: Literal[1] = 1
    frames: Annotated[list[LandmarkFrame], Field(max_length=10_000_000)]

    @classmethod
    def read(cls, path: Path) -> "LandmarkFile":
        """Read a document.

        Raises:
            UnderstudyError: it cannot be read, is larger than 256 MB or is no such document.
        """
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise UnderstudyError(f"{path} is larger than {_MOST_BYTES >> 20} MB: divide it")
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise UnderstudyError(f"cannot read {path}: {error.strerror or error}") from error
        except ValidationError as error:
            raise UnderstudyError(f"{path} is no landmark file: {one_line(error)}") from error

    def write(self, path: Path) -> None:
        """Write the document.

        Raises:
            UnderstudyError: it cannot be written.
        """
        write_text(path, self.model_dump_json(by_alias=True, exclude_none=True))


def landmarks_of(faceset: Faceset) -> LandmarkFile:
    """The landmarks of all faces of a set; placed again with `place_landmarks`, they change nothing."""
    frames = sorted(faceset.by_frame().items())
    return LandmarkFile(
        frames=[
            LandmarkFrame(
                frame=index,
                faces=[LandmarkFace(file=face.path.name, landmarks=face.metadata.source_landmarks) for face in faces],
            )
            for index, faces in frames
        ]
    )
