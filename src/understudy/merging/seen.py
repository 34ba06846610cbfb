"""What a frame has to tell its neighbours of a face in it, so that what is measured there can be steadied."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import crop_side, face_matrix, transform
from understudy.faces.face import FaceType
from understudy.merging.color_pool import ColorGrid
from understudy.merging.crops import face_crop
from understudy.merging.edge import FaceEdge
from understudy.merging.neighbours import Sight
from understudy.merging.placement import placed
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.rim import Rim
from understudy.merging.settings import MergeSettings


def seen(
    pixels: NDArray[Any], face: PlacedFace, prediction: Prediction, settings: MergeSettings, face_type: FaceType
) -> Sight:
    """The sight of a face, with its colours and whatever else the settings will ask for in this frame.

    Args:
        pixels: (H, W, 3), the frame.
        face_type: the crop geometry of the network.
    """
    size = len(prediction.face)
    percent = size / crop_side(face_type) / 100
    matrix = face_matrix(face.landmarks, face_type, size)
    edge = FaceEdge.of(prediction, transform(face.landmarks, matrix).astype(np.float32), settings, percent)
    mask = edge.combined()
    rim = None
    if settings.mode.startswith("seamless") and settings.compat == "none":
        paste = placed(matrix, settings, size, percent)
        plate = prediction.crop if np.allclose(matrix, paste) else face_crop(pixels, paste, size)
        rim = Rim.of(plate, mask, width=100 * percent)
    return Sight(face, prediction, ColorGrid.of(prediction, mask), rim)
