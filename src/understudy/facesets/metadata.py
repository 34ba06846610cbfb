"""What an aligned face file says of itself: one JSON document, versioned."""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from understudy.faces.face import AlignedFace, Face, FaceType, Pose

Point = tuple[FiniteFloat, FiniteFloat]
Point3 = tuple[FiniteFloat, FiniteFloat, FiniteFloat]
Landmarks = Annotated[list[Point], Field(min_length=68, max_length=68)]


class SourceFrame(BaseModel):
    """Where a face came from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    clip: str = Field(description="Name of the clip, or of the folder of pictures, without its path.")
    frame: int = Field(ge=0, description="Index in the whole source, from 0.")
    time: FiniteFloat = Field(description="Presentation time in seconds from the start of the source.")
    width: int | None = Field(default=None, ge=1, description="Of the frame, where it is known.")
    height: int | None = Field(default=None, ge=1, description="Of the frame, where it is known.")
    name: str | None = Field(default=None, description="File name of the frame, where it was a picture file.")


class FacePose(BaseModel):
    """Radians; the signs are those of `Pose`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pitch: FiniteFloat
    yaw: FiniteFloat
    roll: FiniteFloat


class Polygon(BaseModel):
    """A hand-drawn outline of what belongs to the face, or of what does not; the latter lie above the former."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["include", "exclude"]
    points: Annotated[list[Point], Field(max_length=20_000)] = Field(description="In pixels of the aligned image.")


class FaceMetadata(BaseModel):
    """The document in an aligned face's XMP packet. Readers ignore keys that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    schema_name: Literal["understudy/face"] = Field("understudy/face", alias="schema")
    version: Literal[1] = 1
    face_type: FaceType
    size: int = Field(ge=16, le=4096, description="Side of the aligned image in pixels.")
    matrix: tuple[Point3, Point3] = Field(description="Maps frame pixels to pixels of the aligned image.")
    landmarks: Landmarks = Field(description="In pixels of the aligned image.")
    source: SourceFrame
    source_landmarks: Landmarks = Field(description="In frame pixels.")
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]
    pose: FacePose
    confidence: FiniteFloat
    backend: str
    track: int = -1
    interpolated: bool = Field(False, description="Not seen, but placed between the faces before and after.")
    dense: Annotated[list[Point3], Field(max_length=1000)] | None = None
    polygons: Annotated[list[Polygon], Field(max_length=1000)] | None = None
    brow_expansion: FiniteFloat | None = Field(default=None, ge=0, le=8, description="Of the hull mask; None: 1.")
    original_name: str | None = Field(
        default=None, max_length=255, description="File name before the faceset was first renumbered."
    )

    @classmethod
    def describe(cls, aligned: AlignedFace, source: SourceFrame) -> "FaceMetadata":
        """The document for `aligned`; landmarks are kept to a thousandth of a pixel."""
        face = aligned.face
        return cls.model_validate(
            {
                "face_type": aligned.face_type,
                "size": aligned.image.shape[0],
                "matrix": aligned.matrix.tolist(),
                "landmarks": _rounded(aligned.landmarks),
                "source": source,
                "source_landmarks": _rounded(face.landmarks),
                "box": _rounded(face.box),
                "pose": {"pitch": face.pose.pitch, "yaw": face.pose.yaw, "roll": face.pose.roll},
                "confidence": round(face.confidence, 4),
                "backend": face.backend,
                "track": face.track,
                "interpolated": face.interpolated,
                "dense": None if face.dense is None else _rounded(face.dense, 2),
                "brow_expansion": None if aligned.brow_expansion == 1 else aligned.brow_expansion,
            }
        )

    def face(self) -> Face:
        """The face in its frame."""
        return Face(
            box=np.asarray(self.box, np.float32),
            landmarks=np.asarray(self.source_landmarks, np.float32),
            pose=Pose(self.pose.pitch, self.pose.yaw, self.pose.roll),
            confidence=self.confidence,
            backend=self.backend,
            dense=None if self.dense is None else np.asarray(self.dense, np.float32),
            track=self.track,
            interpolated=self.interpolated,
        )


def _rounded(values: NDArray[Any], digits: int = 3) -> Any:
    return np.asarray(values, np.float64).round(digits).tolist()
