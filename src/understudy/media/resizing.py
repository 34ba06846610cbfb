"""The one resize: pixel centres at integers, so that coordinates scale by exactly new over old size."""

from math import ceil
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def resize(image: NDArray[T], width: int, height: int) -> NDArray[T]:
    """Resample `image` to `width` by `height` pixels.

    A feature at (x, y) comes to lie at exactly (x width / old width, y height / old height): the corners (0, 0) and
    (old width, old height) go to (0, 0) and (width, height), as the crop square of an aligned face has it, with no
    shift by half a pixel. Enlarging interpolates with Keys' cubic kernel (IEEE Trans. ASSP 29(6), 1981); shrinking
    widens that kernel by the ratio, which keeps finer detail than the result can hold from turning into false patterns.
    Beyond its edges the image continues as its outermost pixels.

    Args:
        image: (H, W) or (H, W, C), integer or floating point.
        width, height: pixels, at least 1.

    Returns:
        (height, width) or (height, width, C) in the dtype of `image`; integers are rounded and kept in range.
    """
    shape = (height, width, *image.shape[2:])
    if image.shape == shape:
        return image.copy()
    channels = int(np.prod(image.shape[2:]))
    rows = _resample_rows(np.asarray(image, np.float32).reshape(image.shape[0], -1), height)  # (H', W C)
    turned = rows.reshape(height, -1, channels).transpose(1, 0, 2).reshape(-1, height * channels)  # (W, H' C)
    columns = _resample_rows(turned, width).reshape(width, height, channels)
    resized = columns.transpose(1, 0, 2).reshape(shape)
    if np.issubdtype(image.dtype, np.integer):
        limits = np.iinfo(image.dtype)  # type: ignore[type-var]  # checked on the line before
        resized = np.clip(np.rint(resized), limits.min, limits.max)
    return np.ascontiguousarray(resized).astype(image.dtype)


def _resample_rows(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """`samples` (N, M) resampled to (count, M)."""
    old = len(samples)
    if old == count:
        return samples
    ratio = old / count
    width = max(ratio, 1.0)
    centres = np.arange(count) * ratio
    taps = np.floor(centres)[:, None] + np.arange(1 - ceil(2 * width), ceil(2 * width) + 1)  # (count, K)
    weights = _cubic((taps - centres[:, None]) / width)
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    places = np.clip(taps, 0, old - 1).astype(np.intp)
    resampled = np.zeros((count, samples.shape[1]), np.float32)
    for weight, place in zip(weights.T, places.T, strict=True):
        resampled += weight[:, None] * samples[place]
    return resampled


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' kernel with a = -1/2, which keeps straight ramps straight."""
    t = np.abs(distance)
    inner = (1.5 * t - 2.5) * t * t + 1
    outer = ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t < 1, inner, np.where(t < 2, outer, 0.0))
