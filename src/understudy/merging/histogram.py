"""Give the swapped face the tonal distribution of the face that was there, channel by channel."""

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples

_BINS = 1024


def match_histogram(
    face: NDArray[np.float32], samples: ColorSamples, *, threshold: float = 255.0
) -> NDArray[np.float32]:
    """Replace each value of `face` by the value of the reference that has the same share of samples below it.

    Shares are counted with the samples' weights, so that pixels outside of the mask have no say. Between the
    histogram's 1024 bins the mapping is linear: smooth gradients stay smooth.

    Args:
        face: (S, S, 3) RGB 0..1.
        samples: of this face; where there are too few, the face comes back as it is.
        threshold: 0..255; below 255 the brightest part of the reference is left out.

    Returns:
        (S, S, 3) float32, 0..1.
    """
    if samples.too_few:
        return face
    matched = np.empty_like(face)
    for channel in range(3):
        values, shares = _distribution(samples.face[:, channel], samples.weights)
        reference_values, reference_shares = _distribution(samples.reference[:, channel], samples.weights)
        mapped = np.interp(shares * (threshold / 255.0), reference_shares, reference_values)
        matched[..., channel] = np.interp(face[..., channel], values, mapped)
    return matched


def _distribution(
    channel: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The values that occur, to the middle of their bin, and the share of pixels below each, both rising."""
    bins = np.clip((channel * _BINS).astype(np.int64), 0, _BINS - 1)
    counts = np.bincount(bins, weights=weights, minlength=_BINS)
    present = np.flatnonzero(counts)
    counts = counts[present]
    return (present + 0.5) / _BINS, (np.cumsum(counts) - counts / 2) / counts.sum()
