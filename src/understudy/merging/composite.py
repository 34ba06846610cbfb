"""The heart of merging: one frame, one predicted face and the settings in, one composited frame out."""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import crop_side, face_matrix, invert, transform
from understudy.faces.face import FaceType
from understudy.masks import combine_masks, shape_mask
from understudy.merging.color_transfer import transfer_color
from understudy.merging.crops import face_crop
from understudy.merging.histogram import match_histogram
from understudy.merging.levels import from_display, to_display
from understudy.merging.resample import resample
from understudy.merging.seamless import clone_seamlessly
from understudy.merging.settings import MergeSettings

_SMALLEST_SIDE = 8.0  # Frame pixels: a square smaller than this shows no face, and is left alone.
_INVISIBLE = 1.0 / 512  # Less alpha than this cannot change an 8-bit value by one level.


@dataclass(frozen=True, eq=False)
class Prediction:
    """One face before and after the network, in the pixels of its crop; all float32 in 0..1.

    Attributes:
        crop: (S, S, 3) RGB, the dst face that the network saw.
        face: (S, S, 3) RGB, the swapped face.
        mask: (S, S) of the swapped face ("learned-prd").
        dst_mask: (S, S) of the dst face ("learned-dst").
    """

    crop: NDArray[np.float32]
    face: NDArray[np.float32]
    mask: NDArray[np.float32]
    dst_mask: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Composite:
    """A frame with a face laid over it.

    Attributes:
        pixels: (H, W, 3) in the dtype of the frame; where `changed` is False, the frame's own values.
        alpha: (H, W) float32, 0..1, the mask of the swapped face.
        changed: (H, W) bool, pixels that may differ from the frame's.
    """

    pixels: NDArray[Any]
    alpha: NDArray[np.float32]
    changed: NDArray[np.bool_]

    @classmethod
    def untouched(cls, pixels: NDArray[Any]) -> "Composite":
        """A frame to which nothing has been done."""
        return cls(pixels, np.zeros(pixels.shape[:2], np.float32), np.zeros(pixels.shape[:2], np.bool_))

    @classmethod
    def black(cls, pixels: NDArray[Any]) -> "Composite":
        """A black frame in place of one of `pixels`' shape and dtype."""
        return cls(np.zeros_like(pixels), np.zeros(pixels.shape[:2], np.float32), np.ones(pixels.shape[:2], np.bool_))

    def over(self, below: "Composite") -> "Composite":
        """This layer's pixels, made from those of `below`, with both layers' masks."""
        alpha = self.alpha + below.alpha - self.alpha * below.alpha
        return Composite(self.pixels, alpha, self.changed | below.changed)


def composite(
    pixels: NDArray[Any],
    landmarks: NDArray[np.float32],
    prediction: Prediction,
    settings: MergeSettings,
    *,
    face_type: FaceType,
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

    Raises:
        UnderstudyError: the landmarks are not numbers or collapse to a point.
    """
    size = prediction.face.shape[0]
    matrix = face_matrix(landmarks, face_type, size)
    paste = _enlarged(matrix, settings.face_scale, size)
    mask = combine_masks(
        settings.mask,
        prd=prediction.mask,
        dst=prediction.dst_mask,
        landmarks=transform(landmarks, matrix).astype(np.float32),
    )
    if settings.mode == "raw-predict":
        black = Composite.black(pixels)
        return _lay_over(black.pixels, prediction.face, mask, np.ones_like(mask), _fitted(pixels, size)).over(black)
    if settings.mode == "raw-rgb":
        return _lay_over(pixels, prediction.face, mask, np.ones_like(mask), paste)
    percent = size / crop_side(face_type) / 100  # of the face's width, in crop pixels
    mask = shape_mask(mask, erode=settings.erode * percent, blur=settings.blur * percent)
    face = transfer_color(settings.color_transfer, prediction.face, prediction.crop, mask)
    if settings.mode in ("hist-match", "seamless-hist-match"):
        face = match_histogram(face, prediction.crop, mask, threshold=settings.hist_match_threshold)
    if settings.mode in ("seamless", "seamless-hist-match"):
        face = clone_seamlessly(face, face_crop(pixels, paste, size), mask)
    return _lay_over(pixels, face, mask, mask, paste)


def _fitted(pixels: NDArray[Any], size: int) -> NDArray[np.float64]:
    """The frame-to-crop matrix whose inverse puts the crop in the middle of the frame, as large as fits."""
    height, width = pixels.shape[:2]
    scale = size / min(height, width)
    return np.array([[scale, 0.0, (size - scale * width) / 2], [0.0, scale, (size - scale * height) / 2]])


def _enlarged(matrix: NDArray[np.float64], percent: float, size: int) -> NDArray[np.float64]:
    """The frame-to-crop matrix whose inverse pastes the crop `percent` larger about its centre."""
    scale = 1.0 / (1.0 + percent / 100.0)
    larger = matrix * scale
    larger[:, 2] += size / 2 * (1.0 - scale)
    return larger


def _lay_over(
    pixels: NDArray[Any],
    face: NDArray[np.float32],
    mask: NDArray[np.float32],
    opacity: NDArray[np.float32],
    paste: NDArray[np.float64],
) -> Composite:
    """Blend `face` into the frame as far as `opacity` says; `mask` is reported as alpha. All three are crops."""
    result = Composite.untouched(pixels)
    region = _reach(opacity, paste, pixels.shape)
    if region is None:
        return result
    rows, columns = region
    back = invert(paste)
    back[:, 2] -= (columns.start, rows.start)
    width, height = columns.stop - columns.start, rows.stop - rows.start
    cover = _visible(resample(opacity, back, width=width, height=height, outside="zero"))  # (h, w)
    if mask is opacity:
        result.alpha[region] = cover
    else:
        result.alpha[region] = _visible(resample(mask, back, width=width, height=height, outside="zero"))
    changed = cover > 0
    result.changed[region] = changed
    over = resample(face, back, width=width, height=height, outside="mirror")  # (h, w, 3)
    np.clip(over, 0.0, 1.0, out=over)
    under = to_display(pixels[region])
    over -= under
    over *= cover[..., None]
    over += under
    merged = pixels.copy()
    merged[region] = cv2.copyTo(from_display(over, pixels.dtype), changed.astype(np.uint8), merged[region])
    return Composite(merged, result.alpha, result.changed)


def _reach(
    opacity: NDArray[np.float32], paste: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[slice, slice] | None:
    """Rows and columns of the frame that a pasted crop can change; None where it changes nothing."""
    scale = math.sqrt(abs(np.linalg.det(paste[:, :2])))  # crop pixels in a frame pixel
    if scale * _SMALLEST_SIDE > opacity.shape[0]:
        return None
    left, top, width, height = cv2.boundingRect((opacity > 0).astype(np.uint8))
    if width == 0:
        return None
    margin = 2.0 + 2.0 * scale  # the reach of cubic interpolation, or of the low-pass filter where the face shrinks
    low, high = np.array([left, top]) - margin, np.array([left + width, top + height]) - 1 + margin
    corners = transform(np.array([low, (high[0], low[1]), high, (low[0], high[1])]), invert(paste))
    first = np.clip(np.floor(corners.min(axis=0)), 0, (shape[1], shape[0])).astype(int)
    last = np.clip(np.ceil(corners.max(axis=0)) + 1, 0, (shape[1], shape[0])).astype(int)
    if (last <= first).any():
        return None
    return slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0]))


def _visible(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the interpolation's overshoot, and zero where it is too faint to be seen."""
    return np.where(alpha < np.float32(_INVISIBLE), np.float32(0.0), np.minimum(alpha, np.float32(1.0)))
