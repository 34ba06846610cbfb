"""Many aligned faces: extraction, the file format, and the set as a whole."""

from understudy.facesets.extraction import ExtractResult, extract
from understudy.facesets.face_file import FaceFile, write_face
from understudy.facesets.faceset import Faceset
from understudy.facesets.metadata import FaceMetadata, SourceFrame

__all__ = ["ExtractResult", "FaceFile", "FaceMetadata", "Faceset", "SourceFrame", "extract", "write_face"]
