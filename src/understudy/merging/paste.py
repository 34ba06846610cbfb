"""Lay a face over a frame: one resampling, and only where the mask reaches."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import invert, transform
from understudy.merging.levels import from_display, to_display
from understudy.merging.resample import resample, resample_exposed

Touch = Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], tuple[int, int]], NDArray[np.float32]]

Region = tuple[slice, slice]
"""Rows and columns of a frame."""

_SMALLEST_SIDE = 8.0  # Frame pixels: a square smaller than this shows no face, and is left alone.
_INVISIBLE = 1.0 / 512  # Less alpha than this cannot change an 8-bit value by one level.


@dataclass(frozen=True, eq=False)
class Composite:
    """A frame with a face laid over it.

    Attributes:
        pixels: (H, W, 3) in the dtype of the frame; where `changed` is False, the frame's own values.
        alpha: (H, W) float32, 0..1, the mask of the swapped face.
        changed: (H, W) bool, pixels that may differ from the frame's.
        cut: whether a face's mask reached the border of its crop, where it was faded out.
    """

    pixels: NDArray[Any]
    alpha: NDArray[np.float32]
    changed: NDArray[np.bool_]
    cut: bool = False

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
        alpha = self.alpha if not below.alpha.any() else self.alpha + below.alpha - self.alpha * below.alpha
        return Composite(self.pixels, alpha, self.changed | below.changed, self.cut or below.cut)

    def without_face(self, pixels: NDArray[Any]) -> "Composite":
        """The mask alone, with the frame's own pixels."""
        return Composite(pixels, self.alpha, np.zeros_like(self.changed))


@dataclass(frozen=True, eq=False)
class Manner:
    """How a face is laid over a frame.

    Attributes:
        exposures: (2, 3) similarities from frame pixels to frame pixels: the face is seen at all of these places, for
            equal times; empty: where it is.
        linear_light: mix light rather than display values, and resample it.
        touch: the last that is done to the face, in the frame's pixels: takes the face (h, w, 3), the part of the frame
            below it and how far it covers that (h, w), and the (x, y) of their first pixel; gives the face back. All
            float32 and display-encoded.
    """

    exposures: Sequence[NDArray[np.float64]] = ()
    linear_light: bool = False
    touch: Touch | None = None


PLAIN = Manner()
"""The face as it is, where it is."""


def lay_over(
    pixels: NDArray[Any],
    face: NDArray[np.float32],
    mask: NDArray[np.float32],
    opacity: NDArray[np.float32],
    paste: NDArray[np.float64],
    manner: Manner = PLAIN,
) -> Composite:
    """Blend `face` into the frame as far as `opacity` says; `mask` is reported as alpha.

    Args:
        pixels: (H, W, 3) RGB uint8, uint16, or float32 scene-linear; not written to.
        face: (F, F, 3) display-encoded RGB 0..1.
        mask: (S, S), 0..1.
        opacity: (S, S), 0..1.
        paste: (2, 3), from frame pixels to pixels of an (S, S) crop; the face may be a finer picture of it.
        manner: what else is done on the way.
    """
    result = Composite.untouched(pixels)
    region = reach(opacity, paste, pixels.shape)
    if region is None:
        return result
    rows, columns = region
    back = invert(paste)
    back[:, 2] -= (columns.start, rows.start)
    cover = covered(opacity, paste, region)
    result.alpha[region] = cover if mask is opacity else covered(mask, paste, region)
    changed = cover > 0
    result.changed[region] = changed
    back[:, :2] *= opacity.shape[0] / face.shape[0]
    over, under = _drawn(face, back, pixels[region], cover, (columns.start, rows.start), manner)
    over -= under
    over *= cover[..., None]
    over += under
    blended = from_display(to_display(over) if manner.linear_light else over, pixels.dtype)
    merged = pixels.copy()
    merged[region] = cv2.copyTo(blended, changed.astype(np.uint8), merged[region])
    return Composite(merged, result.alpha, result.changed)


def _drawn(
    face: NDArray[np.float32],
    back: NDArray[np.float64],
    region: NDArray[Any],
    cover: NDArray[np.float32],
    corner: tuple[int, int],
    manner: Manner,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The face in the pixels of the region, and what lies below it; in linear light if they are to be mixed there."""
    height, width = region.shape[:2]
    if manner.linear_light:
        face = from_display(face, np.float32)
    if manner.exposures:
        exposures = [_seen_from(corner, exposure) for exposure in manner.exposures]
        over = resample_exposed(face, back, exposures, width=width, height=height)
    else:
        over = resample(face, back, width=width, height=height, outside="mirror")
    np.clip(over, 0.0, 1.0, out=over)
    under = to_display(region)
    if manner.touch is not None:
        touched = manner.touch(to_display(over) if manner.linear_light else over, under, cover, corner)
        over = from_display(touched, np.float32) if manner.linear_light else touched
    return over, from_display(under, np.float32) if manner.linear_light else under


def _seen_from(corner: tuple[int, int], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """A map between frame pixels, as one between pixels counted from a corner."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ corner - corner
    return moved


def reach(opacity: NDArray[np.float32], paste: NDArray[np.float64], shape: tuple[int, ...]) -> Region | None:
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


def covered(mask: NDArray[np.float32], paste: NDArray[np.float64], region: Region) -> NDArray[np.float32]:
    """How far a mask (S, S) covers each pixel of a region of the frame, (h, w)."""
    rows, columns = region
    back = invert(paste)
    back[:, 2] -= (columns.start, rows.start)
    width, height = columns.stop - columns.start, rows.stop - rows.start
    return _visible(resample(mask, back, width=width, height=height, outside="zero"))


def _visible(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the interpolation's overshoot, and zero where it is too faint to be seen."""
    return np.where(alpha < np.float32(_INVISIBLE), np.float32(0.0), np.minimum(alpha, np.float32(1.0)))
