"""What a frame has to tell its neighbours of a face in it, so that what is measured there can be steadied."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import crop_side, face_matrix, transform
from understudy.faces.face import FaceType
from understudy.merging.color_pool import ColorGrid
from understudy.merging.crops import face_crop
from understudy.merging.edge import FaceEdge
from understudy.merging.levels import to_display
from understudy.merging.neighbours import Sight
from understudy.merging.paste import covered, reach
from understudy.merging.placement import placed
from understudy.merging.plan import PlacedFace
from understudy.merging.plate import plate_of
from understudy.merging.prediction import Prediction
from understudy.merging.rim import Rim
from understudy.merging.settings import MergeSettings
from understudy.merging.texture import Texture


def seen(
    pixels: NDArray[Any],
    face: PlacedFace,
    prediction: Prediction,
    settings: MergeSettings,
    face_type: FaceType,
    *,
    of_frame: MergeSettings,
) -> Sight:
    """The sight of a face, with its colours and whatever else the settings ask for in this frame.

    Args:
        pixels: (H, W, 3), the frame.
        settings: of the face.
        face_type: the crop geometry of the network.
        of_frame: the frame's own settings, which make the plate of it.
    """
    size = len(prediction.face)
    percent = size / crop_side(face_type) / 100
    matrix = face_matrix(face.landmarks, face_type, size)
    edge = FaceEdge.of(prediction, transform(face.landmarks, matrix).astype(np.float32), settings, percent)
    mask = edge.combined()
    paste = placed(matrix, settings, size, percent)
    has_rim = settings.mode.startswith("seamless") and settings.compat == "none"
    has_texture = settings.match_grain > 0 or settings.match_sharpness > 0
    plate = plate_of(pixels, of_frame).pixels if has_rim or has_texture else pixels
    return Sight(
        face,
        prediction,
        colors=ColorGrid.of(prediction, mask),
        rim=Rim.of(face_crop(plate, paste, size), mask * prediction.dst_mask, width=100 * percent) if has_rim else None,
        texture=_texture(plate, edge.shaped(mask), paste) if has_texture else None,
    )


def _texture(plate: NDArray[Any], mask: NDArray[np.float32], paste: NDArray[np.float64]) -> Texture | None:
    region = reach(mask, paste, plate.shape)
    return None if region is None else Texture.of(to_display(plate[region]), covered(mask, paste, region) > 0.5)
