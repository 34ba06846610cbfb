"""What a user may choose about extraction."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.faces.face import FaceType


class ExtractSettings(BaseModel):
    """How faces are found in frames and cut out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    face_type: FaceType = Field(
        "whole_face",
        description="Crop geometry, from the tightest to the widest: half, mid, full, whole_face (with the forehead), "
        "head (with the hair).",
    )
    image_size: int = Field(512, ge=256, le=2048, description="Side of an aligned face in pixels.")
    max_faces: int = Field(0, ge=0, description="Keep at most this many faces of a frame, the largest; 0: all.")
    jpeg_quality: int = Field(95, ge=1, le=100, description="JPEG quality of aligned faces.")
    bit_depth: Literal["8", "16", "auto"] = Field(
        "8",
        description="Of aligned faces: 8 bits in JPEG files, 16 bits in PNG files, or auto: 16 where the clip has more "
        "than 8.",
    )
    min_confidence: float = Field(
        0.5, ge=0.0, le=1.0, description="Faces of which detector or landmarker are less sure are left out."
    )
    min_face: int = Field(
        40, ge=8, description="Faces whose shorter side has fewer pixels in the frame are left out; less costs time."
    )
    detect_every: int = Field(
        15, ge=1, description="Search the whole frame for faces every so many frames; between, faces are followed."
    )
    smooth: float = Field(
        0.0,
        ge=0.0,
        le=2.0,
        description="Steady the landmarks over a window of so many seconds, without delay; 0: leave them as found.",
    )
    refine: int = Field(
        0,
        ge=0,
        le=64,
        description="Look at each face so many more times, a little beside, and take the mean: steadier landmarks.",
    )
    denoise: float = Field(
        0.0,
        ge=0.0,
        le=20.0,
        description="Take noise out of the frames before anything else; about its standard deviation in levels of 255. "
        "0: off.",
    )
    fill_gaps: int = Field(
        0,
        ge=0,
        le=250,
        description="Where a face is lost for at most so many frames, place it between the last and the next sight of "
        "it. Merging swaps such faces, training leaves them out; 0: off.",
    )
    debug: bool = Field(False, description="Also write every frame with its landmarks, boxes and crop squares drawn.")
    rotate: bool = Field(
        True, description="Where a frame seems to hold no face, look for faces on their side and upside down."
    )
    detector: str = Field("blazeface", description="Backend that finds faces.")
    landmarker: str = Field("facemesh", description="Backend that places the landmarks.")
