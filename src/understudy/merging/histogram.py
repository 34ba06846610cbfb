"""Give the swapped face the tonal distribution of the face that was there, channel by channel."""

import numpy as np
from numpy.typing import NDArray

_BINS = 1024
_TRACE = 1e-9


def match_histogram(
    face: NDArray[np.float32],
    reference: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    threshold: float = 255.0,
) -> NDArray[np.float32]:
    """Replace each value of `face` by the value of `reference` that has the same share of pixels below it.

    Shares are counted with `weights`, so that pixels outside of the mask have no say. Between the edges of the
    histogram's 1024 bins the mapping is linear: smooth gradients stay smooth.

    Args:
        face: (S, S, 3) RGB 0..1.
        reference: (S, S, 3) RGB 0..1.
        weights: (S, S), not negative; where they sum to less than one pixel the face comes back as it is.
        threshold: 0..255; below 255 the brightest part of the reference is left out.

    Returns:
        (S, S, 3) float32, 0..1.
    """
    if float(weights.sum()) < 1.0:
        return face
    flat = weights.reshape(-1)
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    matched = np.empty_like(face)
    for channel in range(3):
        face_share = _cumulative_share(face[..., channel], flat) * (threshold / 255.0)
        reference_share = _cumulative_share(reference[..., channel], flat)
        mapping = np.interp(face_share, reference_share, edges)
        matched[..., channel] = np.interp(face[..., channel], edges, mapping)
    return matched


def _cumulative_share(channel: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """The weighted share of values below each of the bins' edges, (bins + 1,), from 0 to 1."""
    bins = np.clip((channel.reshape(-1) * _BINS).astype(np.int64), 0, _BINS - 1)
    counts = np.bincount(bins, weights=weights, minlength=_BINS)
    counts += counts.sum() * _TRACE  # with no bin empty, the share rises strictly and every step has one inverse
    cumulative = np.concatenate([[0.0], np.cumsum(counts)])
    share: NDArray[np.float64] = cumulative / cumulative[-1]
    return share
