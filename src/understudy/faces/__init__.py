"""One frame to located, described and aligned faces."""

from understudy.faces.align import align_face, crop_side, face_matrix, invert, transform, warp
from understudy.faces.backends import FaceDetector, Landmarker
from understudy.faces.detection import Detection, Region
from understudy.faces.draw import draw_debug
from understudy.faces.face import AlignedFace, Face, FaceType, Pose
from understudy.faces.find import find_faces
from understudy.faces.landmarks import Landmarks
from understudy.faces.mirror import mirror_landmarks
from understudy.faces.pose import head_pose
from understudy.faces.settings import ExtractSettings
from understudy.faces.track_steadying import steady_track
from understudy.faces.umeyama import umeyama

__all__ = [
    "AlignedFace",
    "Detection",
    "ExtractSettings",
    "Face",
    "FaceDetector",
    "FaceType",
    "Landmarker",
    "Landmarks",
    "Pose",
    "Region",
    "align_face",
    "crop_side",
    "draw_debug",
    "face_matrix",
    "find_faces",
    "head_pose",
    "invert",
    "mirror_landmarks",
    "steady_track",
    "transform",
    "umeyama",
    "warp",
]
