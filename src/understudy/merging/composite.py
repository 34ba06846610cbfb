"""The heart of merging: one frame, one predicted face and the settings in, one composited frame out."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import crop_side, face_matrix, transform
from understudy.faces.face import FaceType
from understudy.merging.edge import FaceEdge
from understudy.merging.finish import finish, manner_of
from understudy.merging.limits import UNLIMITED, Limits, limited
from understudy.merging.moment import ALONE, Moment
from understudy.merging.paste import Composite, lay_over
from understudy.merging.placement import fitted, placed
from understudy.merging.prediction import Prediction
from understudy.merging.recolor import recolor
from understudy.merging.settings import MergeSettings


def composite(
    pixels: NDArray[Any],
    landmarks: NDArray[np.float32],
    prediction: Prediction,
    settings: MergeSettings,
    *,
    face_type: FaceType,
    moment: Moment = ALONE,
    limits: Limits = UNLIMITED,
) -> Composite:
    """Lay one swapped face over a frame.

    Colours and detail are dealt with in the crop; the face is resampled once, on its way into the frame, where it takes
    on motion, sharpness and grain;
    only the part of the frame that the mask reaches is touched. In the mode raw-predict the prediction, as large as
    the frame allows, stands alone on black; in the mode original the frame stays as it is, and the mask is reported.

    Args:
        pixels: (H, W, 3) RGB uint8, uint16, or float32 scene-linear; not written to.
        landmarks: (68, 2) in frame pixels: those that `prediction` was cropped with.
        prediction: the face before and after the network.
        settings: the user's choices.
        face_type: the crop geometry of the network.
        moment: what the frames around tell.
        limits: the mattes that count in this frame.

    Raises:
        UnderstudyError: the landmarks are not numbers or collapse to a point, or the mask network was not asked for a
            mask that the settings name.
    """
    size = prediction.face.shape[0]
    percent = size / crop_side(face_type) / 100  # of the face's width, in crop pixels
    matrix = face_matrix(landmarks, face_type, size)
    paste = placed(matrix, settings, size, percent)
    edge = FaceEdge.of(prediction, transform(landmarks, matrix).astype(np.float32), settings, percent)
    mask = edge.combined()
    if settings.mode == "raw-predict":
        black = Composite.black(pixels)
        return lay_over(black.pixels, prediction.face, mask, np.ones_like(mask), fitted(pixels, size)).over(black)
    if settings.mode == "raw-rgb":
        return lay_over(pixels, prediction.face, mask, np.ones_like(mask), paste)
    cut = edge.is_cut(mask)
    mask = edge.shaped(mask)
    passed = (limits.passed(pixels, landmarks, matrix, paste, percent, size), edge.unoccluded(matrix, paste))
    shown = limited(mask, *passed)
    face = recolor(prediction, shown, moment, pixels, paste, settings, width=100 * percent)
    shown = limited(edge.on_seam(mask, face, pixels, paste), *passed)
    face = finish(face, paste, landmarks, moment, settings, face_type)
    laid = lay_over(pixels, face, shown, shown, paste, manner_of(landmarks, moment, settings, face_type))
    return replace(laid.without_face(pixels) if settings.mode == "original" else laid, cut=cut)
