"""Many aligned faces: extraction, the file format, and the set as a whole."""

from understudy.facesets.corrections import PlacedLandmarks, place_landmarks
from understudy.facesets.extraction import ExtractResult, extract
from understudy.facesets.face_file import FaceFile, write_face
from understudy.facesets.faceset import Faceset
from understudy.facesets.landmark_file import LandmarkFile, landmarks_of
from understudy.facesets.metadata import FaceMetadata, SourceFrame

__all__ = [
    "ExtractResult",
    "FaceFile",
    "FaceMetadata",
    "Faceset",
    "LandmarkFile",
    "PlacedLandmarks",
    "SourceFrame",
    "extract",
    "landmarks_of",
    "place_landmarks",
    "write_face",
]
