"""Grain: how strong and how coarse it is in a frame, and as much of it for a face that has none.

Grain is told in luma and two colour differences, since cameras and codecs treat these apart.
"""

import functools
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_TO_LUMA = np.array([[0.299, 0.587, 0.114], [0.701, -0.587, -0.114], [-0.299, -0.587, 0.886]])  # Y, R - Y, B - Y
_TO_RGB = np.linalg.inv(_TO_LUMA)
# Blind to slopes and straight edges (Immerkær, "Fast Noise Variance Estimation", CVIU 1996).
_DETAIL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_MEDIAN_TO_SIGMA = 1.4826  # of a normal distribution
_FLAT_SHARE = 0.5  # of the pixels, those with the least slope around them, tell of grain
_FEWEST = 64  # pixels from which grain can be told
_SPREADS = np.linspace(0.0, 1.6, 33)  # sigma in pixels of the blur that makes white noise into grain
_REACHES_NONE = 0.2  # pixels: a blur this narrow leaves white noise white
_TILE = 64  # pixels
_LEAST_COVER = 1.0 / 512
_FADE = 0.06  # display values over which grain comes in above black and goes below white


@dataclass(frozen=True, eq=False)
class Grain:
    """Noise of a picture, for luma, red minus luma and blue minus luma.

    Attributes:
        detail: (3,) standard deviation of the finest detail, with white at 1.
        halved: (3,), the same in a picture of half the size.
    """

    detail: NDArray[np.float64]
    halved: NDArray[np.float64]

    @property
    def spread(self) -> NDArray[np.float64]:
        """(3,) sigma in pixels of the blur that white noise would have to undergo to be as coarse."""
        fine_of, coarse_of = _detail_of_white_noise()
        return np.interp(self.halved / np.maximum(self.detail, 1e-9), coarse_of / fine_of, _SPREADS)

    @property
    def strength(self) -> NDArray[np.float64]:
        """(3,) standard deviation."""
        fine_of, _ = _detail_of_white_noise()
        return np.asarray(self.detail / np.interp(self.spread, _SPREADS, fine_of))


def measure_grain(picture: NDArray[np.float32], inside: NDArray[np.bool_]) -> Grain | None:
    """Measure the grain of (H, W, 3) RGB where `inside` (H, W) says; None where there is too little to see.

    Strength from the median of the finest detail in the flattest half of the pixels, coarseness from how much of it is
    left in a picture of half the size: of white noise, half.
    """
    parts = cv2.transform(picture, _TO_LUMA)
    fine = _typical_detail(parts, inside)
    half = cv2.resize(parts, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    inside_half = cv2.resize(inside.astype(np.uint8), half.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    coarse = _typical_detail(half, inside_half)
    return None if fine is None or coarse is None else Grain(fine, coarse)


def add_grain(
    face: NDArray[np.float32],
    plate: NDArray[np.float32],
    cover: NDArray[np.float32],
    corner: tuple[int, int],
    *,
    frame: int,
    amount: float,
    wanted: Grain | None = None,
) -> NDArray[np.float32]:
    """Give the face the grain that it lacks of the plate's.

    The grain is one field over the whole frame, of which each face shows its part: it depends on nothing but the
    frame's index and the place, and does not move with the face.

    Args:
        face: (h, w, 3) display-encoded RGB, in frame pixels.
        plate: (h, w, 3), the frame below it.
        cover: (h, w), how far the face covers the frame.
        corner: (x, y) of the first pixel in the frame.
        frame: index of the frame.
        amount: 1 for as much as the plate has.
        wanted: grain of the plate, where it is known better than this part of it tells.
    """
    inside = cover > 0.5
    wanted, present = wanted or measure_grain(plate, inside), measure_grain(face, inside)
    if wanted is None or present is None:
        return face
    lacking = np.sqrt(np.maximum(1.0 - (present.detail / np.maximum(wanted.detail, 1e-9)) ** 2, 0.0))
    grain = grain_field(face.shape[:2], corner, frame, wanted.strength * lacking * amount, wanted.spread)
    luma = face @ _TO_LUMA[0].astype(np.float32)
    shown = np.clip(luma / np.float32(_FADE), 0.0, 1.0) * np.clip((1.0 - luma) / np.float32(_FADE), 0.0, 1.0)
    # Mixed by `cover` with the plate's own grain, to which it is unrelated, the sum is to be as strong as either.
    shown *= np.sqrt(2.0 / np.maximum(cover, np.float32(_LEAST_COVER)) - 1.0)
    grain *= shown[..., None]
    grain += face
    return grain


def grain_field(
    shape: tuple[int, int],
    corner: tuple[int, int],
    frame: int,
    strength: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> NDArray[np.float32]:
    """The part (h, w, 3) RGB, from `corner` (x, y) on, of the grain over the frame with that index."""
    margin = int(np.ceil(3.0 * _SPREADS[-1])) + 1
    height, width = shape[0] + 2 * margin, shape[1] + 2 * margin
    white = _white_noise((height, width), (corner[0] - margin, corner[1] - margin), frame)
    parts = []
    for channel in range(3):
        part = coarsened(np.ascontiguousarray(white[..., channel]), float(spread[channel]))
        parts.append(part[margin:-margin, margin:-margin] * np.float32(strength[channel]))
    return np.asarray(cv2.transform(np.dstack(parts), _TO_RGB), np.float32)


def _white_noise(shape: tuple[int, int], corner: tuple[int, int], frame: int) -> NDArray[np.float32]:
    """(h, w, 3) of unit variance, put together from tiles whose noise depends on the frame and their place alone."""
    (height, width), (left, top) = shape, corner
    rows = range(top // _TILE, (top + height - 1) // _TILE + 1)
    columns = range(left // _TILE, (left + width - 1) // _TILE + 1)
    tiles = [np.hstack([_tile(frame, row, column) for column in columns]) for row in rows]
    y, x = top - rows.start * _TILE, left - columns.start * _TILE
    return np.vstack(tiles)[y : y + height, x : x + width]


def _tile(frame: int, row: int, column: int) -> NDArray[np.float32]:
    key = np.array([frame, (row % 2**32) << 32 | column % 2**32], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).standard_normal((_TILE, _TILE, 3), np.float32)


def _typical_detail(parts: NDArray[Any], inside: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """(3,) robust standard deviation of the finest detail in flat places."""
    smooth = cv2.GaussianBlur(parts[..., 0], (0, 0), 1.5)
    slope = cv2.magnitude(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    if np.count_nonzero(inside) < _FEWEST:
        return None
    flat = inside & (slope <= np.quantile(slope[inside], _FLAT_SHARE))
    detail = np.abs(cv2.filter2D(parts, cv2.CV_32F, _DETAIL)[flat])  # (N, 3)
    sigma: NDArray[np.float64] = _MEDIAN_TO_SIGMA * np.median(detail, axis=0).astype(np.float64)
    return sigma


@functools.cache
def _detail_of_white_noise() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard deviation of the finest detail of unit grain, for each of `_SPREADS`, and of that at half the size."""
    impulse = np.zeros((65, 65), np.float32)
    impulse[32, 32] = 1.0
    fine, coarse = [], []
    for spread in _SPREADS:
        grain = coarsened(impulse, float(spread))
        fine.append(float(np.linalg.norm(cv2.filter2D(grain, cv2.CV_32F, _DETAIL))))
        wide = np.zeros((5, 5), np.float32)
        wide[::2, ::2] = _DETAIL
        halved = cv2.filter2D(grain, cv2.CV_32F, np.full((2, 2), 0.25, np.float32))
        coarse.append(float(np.linalg.norm(cv2.filter2D(halved, cv2.CV_32F, wide))))
    return np.array(fine), np.array(coarse)


def coarsened(white: NDArray[Any], spread: float) -> NDArray[Any]:
    """White noise blurred, and as strong as it was."""
    if spread <= _REACHES_NONE:
        return white
    size = 2 * int(np.ceil(4.0 * spread)) + 1
    kernel = cv2.getGaussianKernel(size, spread, cv2.CV_32F)
    return cv2.GaussianBlur(white, (size, size), spread) / np.float32(np.sum(kernel**2))
