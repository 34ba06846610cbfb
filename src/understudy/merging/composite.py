"""The heart of merging: one frame, one predicted face and the settings in, one composited frame out."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import crop_side, face_matrix, transform
from understudy.faces.face import FaceType
from understudy.masks import combine_masks, shape_mask
from understudy.merging.color_samples import ColorSamples
from understudy.merging.moment import ALONE, Moment
from understudy.merging.paste import Composite, lay_over
from understudy.merging.placement import enlarged, fitted
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
) -> Composite:
    """Lay one swapped face over a frame.

    Colours, histogram and cloning are dealt with in the crop; the face is resampled once, on its way into the frame;
    only the part of the frame that the mask reaches is touched. In the mode raw-predict the prediction, as large as
    the frame allows, stands alone on black.

    Args:
        pixels: (H, W, 3) RGB uint8, uint16, or float32 scene-linear; not written to.
        landmarks: (68, 2) in frame pixels: those that `prediction` was cropped with.
        prediction: the face before and after the network.
        settings: the user's choices.
        face_type: the crop geometry of the network.
        moment: what the frames around tell.

    Raises:
        UnderstudyError: the landmarks are not numbers or collapse to a point.
    """
    size = prediction.face.shape[0]
    matrix = face_matrix(landmarks, face_type, size)
    paste = enlarged(matrix, settings.face_scale, size)
    mask = combine_masks(
        settings.mask,
        prd=prediction.mask,
        dst=prediction.dst_mask,
        landmarks=transform(landmarks, matrix).astype(np.float32),
    )
    if settings.mode == "raw-predict":
        black = Composite.black(pixels)
        return lay_over(black.pixels, prediction.face, mask, np.ones_like(mask), fitted(pixels, size)).over(black)
    if settings.mode == "raw-rgb":
        return lay_over(pixels, prediction.face, mask, np.ones_like(mask), paste)
    percent = size / crop_side(face_type) / 100  # of the face's width, in crop pixels
    mask = shape_mask(mask, erode=settings.erode * percent, blur=settings.blur * percent)
    samples = moment.colors or ColorSamples.of(prediction.face, prediction.crop, mask)
    face = recolor(prediction.face, mask, samples, pixels, paste, settings)
    return lay_over(pixels, face, mask, mask, paste)
