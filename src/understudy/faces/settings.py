"""What a user may choose about extraction."""

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
    debug: bool = Field(False, description="Also write every frame with its landmarks, boxes and crop squares drawn.")
    rotate: bool = Field(
        True, description="Where a frame seems to hold no face, look for faces on their side and upside down."
    )
    detector: str = Field("blazeface", description="Backend that finds faces.")
    landmarker: str = Field("facemesh", description="Backend that places the landmarks.")
