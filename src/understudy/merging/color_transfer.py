"""Give the swapped face the colours of the face that was there.

Both transfers look only at pixels under the mask, each with its weight: hair and background have no say.
"""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples

ColorTransfer = Literal["none", "rct", "mkl"]
"""rct: mean and contrast of lightness and the two colour axes; mkl: the whole colour distribution, turned and stretched
with the least possible change; none: the colours stay as they were predicted."""

_FLAT = 1e-4  # Lab units: a channel with less spread than this has no contrast to scale.
_NOISE = 1e-6  # Variance added on both sides, a quarter of an 8-bit level squared: keeps flat colours invertible.


def transfer_color(kind: ColorTransfer, face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """Recolour `face` by what takes the samples' face colours to those of the reference.

    Args:
        kind: the transfer.
        face: (S, S, 3) RGB 0..1.
        samples: of this face; where there are too few, the face comes back as it is.

    Returns:
        (S, S, 3) float32, clipped to 0..1.
    """
    if kind == "none" or samples.too_few:
        return face
    recolored = reinhard(face, samples) if kind == "rct" else monge_kantorovich(face, samples)
    return np.clip(recolored, 0.0, 1.0)


def reinhard(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """Match the weighted mean and standard deviation of each CIE Lab channel.

    After Reinhard, Ashikhmin, Gooch and Shirley, "Color Transfer between Images" (2001), in CIE Lab as the field has
    it. A flat channel takes the reference's mean.

    Returns:
        (S, S, 3) float32 RGB.
    """
    face_lab = cv2.cvtColor(face, cv2.COLOR_RGB2LAB)
    face_mean, face_covariance = weighted_statistics(_lab(samples.face), samples.weights)
    mean, covariance = weighted_statistics(_lab(samples.reference), samples.weights)
    gain = np.sqrt(np.diag(covariance)) / np.maximum(np.sqrt(np.diag(face_covariance)), _FLAT)
    recolored: NDArray[Any] = _affine(face_lab, np.diag(gain), mean - gain * face_mean)
    # OpenCV's Lab is tabulated and off by up to a level there and back; in the difference that cancels.
    change: NDArray[Any] = cv2.cvtColor(recolored, cv2.COLOR_LAB2RGB) - cv2.cvtColor(face_lab, cv2.COLOR_LAB2RGB)
    change += face
    return change


def monge_kantorovich(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """Match the weighted mean and covariance of RGB by the linear map that moves colours least.

    Pitié and Kokaram, "The linear Monge-Kantorovitch linear colour mapping for example-based colour transfer" (2007):
    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 for covariances A of the face and B of the reference.

    Returns:
        (S, S, 3) float32 RGB.
    """
    face_mean, face_covariance = weighted_statistics(samples.face, samples.weights)
    mean, covariance = weighted_statistics(samples.reference, samples.weights)
    noise = _NOISE * np.eye(3)
    root, inverse_root = _roots(face_covariance + noise)
    middle, _ = _roots(root @ (covariance + noise) @ root)
    transform = inverse_root @ middle @ inverse_root  # (3, 3) symmetric
    return _affine(face, transform, mean - transform @ face_mean)


def weighted_statistics(
    values: NDArray[Any], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (3,) and covariance (3, 3) of colours (N, 3), each counted with its weight (N,)."""
    share = weights / weights.sum()
    mean = share @ values
    centred = values - mean
    return mean.astype(np.float64), ((centred * share[:, None]).T @ centred).astype(np.float64)


def _lab(colors: NDArray[np.float32]) -> NDArray[Any]:
    lab: NDArray[Any] = cv2.cvtColor(colors[None], cv2.COLOR_RGB2LAB)[0]
    return lab


def _affine(image: NDArray[Any], transform: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[Any]:
    return cv2.transform(image, np.column_stack([transform, offset]))


def _roots(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The square root of a symmetric positive (3, 3) matrix and the inverse of that root."""
    values, vectors = np.linalg.eigh(matrix)
    roots = np.sqrt(np.maximum(values, np.finfo(np.float64).tiny))
    return (vectors * roots) @ vectors.T, (vectors / roots) @ vectors.T
