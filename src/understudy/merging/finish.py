"""The last touches: detail in the face's own pixels; motion, sharpness and grain on the way into the frame."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import crop_side
from understudy.faces.face import FaceType
from understudy.merging.grain import add_grain
from understudy.merging.moment import Moment
from understudy.merging.motion_blur import exposures, motion_kernel_as_dfl
from understudy.merging.paste import Manner
from understudy.merging.restore import restore_detail
from understudy.merging.settings import MergeSettings
from understudy.merging.sharpen import sharpen, sharpen_as_dfl
from understudy.merging.sharpness import match_sharpness


def finish(
    face: NDArray[np.float32],
    paste: NDArray[np.float64],
    landmarks: NDArray[np.float32],
    moment: Moment,
    settings: MergeSettings,
    face_type: FaceType,
) -> NDArray[np.float32]:
    """The face with the detail that the settings ask for.

    Args:
        face: (S, S, 3) RGB 0..1.
        paste: (2, 3) from frame pixels to pixels of the crop.
        landmarks: (68, 2) in frame pixels.

    Returns:
        (F, F, 3) float32, 0..1; finer than `face` where super resolution made it so.
    """
    size = face.shape[0]
    face = restore_detail(face, paste, settings.super_resolution / 100.0)
    if settings.compat == "dfl":
        if settings.motion_blur > 0:
            kernel = motion_kernel_as_dfl(landmarks, moment, settings.motion_blur, enlarged=face.shape[0] > size)
            if kernel is not None:
                face = np.asarray(cv2.filter2D(face, cv2.CV_32F, kernel), np.float32)
        face = sharpen_as_dfl(face, settings.sharpen_mode, settings.sharpen)
    else:
        percent = face.shape[0] / crop_side(face_type) / 100.0
        face = sharpen(face, settings.sharpen_mode, settings.sharpen, percent=percent)
    return np.clip(face, 0.0, 1.0)


def manner_of(landmarks: NDArray[np.float32], moment: Moment, settings: MergeSettings, face_type: FaceType) -> Manner:
    """How the face is to be laid over its frame."""
    path: list[NDArray[np.float64]] = []
    if settings.motion_blur > 0 and settings.compat == "none":
        path = exposures(landmarks, moment, face_type, shutter=settings.motion_blur / 100.0)
    touches = settings.match_sharpness > 0 or settings.match_grain > 0
    touch = functools.partial(_touch, settings=settings, moment=moment) if touches else None
    return Manner(exposures=path, linear_light=settings.linear_light, touch=touch)


def _touch(
    face: NDArray[np.float32],
    plate: NDArray[np.float32],
    cover: NDArray[np.float32],
    corner: tuple[int, int],
    *,
    settings: MergeSettings,
    moment: Moment,
) -> NDArray[np.float32]:
    texture = moment.texture
    if settings.match_sharpness > 0:
        wanted = None if texture is None else texture.sharpness
        face = match_sharpness(face, plate, cover, amount=settings.match_sharpness / 100.0, wanted=wanted)
    if settings.match_grain > 0:
        grain, amount = None if texture is None else texture.grain, settings.match_grain / 100.0
        face = add_grain(face, plate, cover, corner, frame=moment.frame, amount=amount, wanted=grain)
    return np.clip(face, 0.0, 1.0)
