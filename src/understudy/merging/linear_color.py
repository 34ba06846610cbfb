"""Colour transfers that turn, stretch and shift colours as a whole: rct, lct and mkl.

Each is fitted on `ColorSamples` and applied to a picture (S, S, 3) float32 RGB 0..1; the result may leave that range.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples

_FLAT = 1e-4  # Lab units: a channel with less spread than this has no contrast to scale.
_NOISE = 1e-6  # Variance added on both sides, a quarter of an 8-bit level squared: keeps flat colours invertible.
_LCT_NOISE = 1e-5  # the same, as the field has it for lct


def reinhard(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """Match the weighted mean and standard deviation of each CIE Lab channel.

    After Reinhard, Ashikhmin, Gooch and Shirley, "Color Transfer between Images" (2001), in CIE Lab as the field has
    it. A flat channel takes the reference's mean.
    """
    face_mean, face_covariance = weighted_statistics(lab_of(samples.face), samples.weights)
    mean, covariance = weighted_statistics(lab_of(samples.reference), samples.weights)
    gain = np.sqrt(np.diag(covariance)) / np.maximum(np.sqrt(np.diag(face_covariance)), _FLAT)
    return change_lab(face, gain, mean - gain * face_mean)


def change_lab(
    face: NDArray[np.float32], gain: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Take each channel of CIE Lab times its `gain` (3,), plus its `offset` (3,)."""
    lab = cv2.cvtColor(face, cv2.COLOR_RGB2LAB)
    recolored: NDArray[Any] = cv2.cvtColor(_affine(lab, np.diag(gain), offset), cv2.COLOR_LAB2RGB)
    # OpenCV's Lab is tabulated and off by up to a level there and back; in the difference that cancels.
    recolored -= cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    recolored += face
    return recolored


def monge_kantorovich(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """Match the weighted mean and covariance of RGB by the linear map that moves colours least.

    Pitié and Kokaram, "The linear Monge-Kantorovitch linear colour mapping for example-based colour transfer" (2007):
    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 for covariances A of the face and B of the reference.
    """
    return _affine(face, *monge_kantorovich_map(samples))


def monge_kantorovich_map(samples: ColorSamples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The (3, 3) matrix and the (3,) offset of `monge_kantorovich`."""
    face_mean, face_covariance = weighted_statistics(samples.face, samples.weights)
    mean, covariance = weighted_statistics(samples.reference, samples.weights)
    noise = _NOISE * np.eye(3)
    root, inverse_root = _roots(face_covariance + noise)
    middle, _ = _roots(root @ (covariance + noise) @ root)
    matrix = inverse_root @ middle @ inverse_root  # symmetric
    return matrix, mean - matrix @ face_mean


def linear_transfer(face: NDArray[np.float32], samples: ColorSamples) -> NDArray[np.float32]:
    """Match the weighted mean and covariance of RGB by the map B^1/2 A^-1/2, A of the face and B of the reference."""
    face_mean, face_covariance = weighted_statistics(samples.face, samples.weights)
    mean, covariance = weighted_statistics(samples.reference, samples.weights)
    noise = _LCT_NOISE * np.eye(3)
    _, inverse_root = _roots(face_covariance + noise)
    root, _ = _roots(covariance + noise)
    matrix = root @ inverse_root
    return _affine(face, matrix, mean - matrix @ face_mean)


def weighted_statistics(
    values: NDArray[Any], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (3,) and covariance (3, 3) of colours (N, 3), each counted with its weight (N,)."""
    share = weights / weights.sum()
    mean = share @ values
    centred = values - mean
    return mean.astype(np.float64), ((centred * share[:, None]).T @ centred).astype(np.float64)


def lab_of(colors: NDArray[np.float32]) -> NDArray[Any]:
    """CIE Lab of (N, 3) RGB 0..1."""
    lab: NDArray[Any] = cv2.cvtColor(np.ascontiguousarray(colors)[None], cv2.COLOR_RGB2LAB)[0]
    return lab


def _affine(image: NDArray[Any], matrix: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[Any]:
    return cv2.transform(image, np.column_stack([matrix, offset]))


def _roots(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The square root of a symmetric positive (3, 3) matrix and the inverse of that root."""
    values, vectors = np.linalg.eigh(matrix)
    roots = np.sqrt(np.maximum(values, np.finfo(np.float64).tiny))
    return (vectors * roots) @ vectors.T, (vectors / roots) @ vectors.T
