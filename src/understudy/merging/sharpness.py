"""Make the swapped face as sharp as the face that was there, in the pixels of the frame."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.merging.grain import Grain, coarsened, measure_grain

_LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)
_FINE, _MIDDLE = 1.0, 2.0  # sigma in pixels of the two means between which detail is told apart
_DOUBT = 0.1  # of the grain's energy: detail weaker than this cannot be told from it
_NOTHING = 1e-10  # energy of detail below which there is none
_SOFTEST = 3.0  # sigma in pixels of the strongest blur
_SHARPEST = 1.5  # times of the finest detail that are added at most
_STEPS = 7  # halvings of the interval in which the change lies
_FEWEST = 64  # pixels from which sharpness can be told


def match_sharpness(
    face: NDArray[np.float32],
    plate: NDArray[np.float32],
    cover: NDArray[np.float32],
    *,
    amount: float,
    wanted: float | None = None,
) -> NDArray[np.float32]:
    """Blur or sharpen the face until its detail falls off as the plate's does.

    Sharpness is the ratio of the energies of fine and coarser detail, grain left out: it does not ask how much detail
    a face has, but how much of it has gone. The face is changed by the one number that makes both ratios equal.

    Args:
        face: (h, w, 3) display-encoded RGB, in frame pixels.
        plate: (h, w, 3), the face that was there.
        cover: (h, w), how far the face covers the frame; where it does, sharpness is told.
        amount: 0..1, share of the change that is made.
        wanted: sharpness of the plate, where it is known better than this picture of it tells.
    """
    inside = cover > 0.5
    if np.count_nonzero(inside) < _FEWEST:
        return face
    luma = cv2.transform(face, _LUMA)
    if wanted is None:
        wanted = sharpness_of(detail_energies(plate, inside), measure_grain(plate, inside))
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if sharpness_of(_energies(_changed(luma, middle), inside), None) < wanted:
            low = middle
        else:
            high = middle
    return _changed(face, amount * (low + high) / 2.0)


def _changed(image: NDArray[Any], change: float) -> NDArray[Any]:
    """Blurred, at -1 the most, or sharpened, at 1 the most."""
    if change < 0:
        return cv2.GaussianBlur(image, (0, 0), max(-change * _SOFTEST, 0.05))
    gain = change * _SHARPEST
    return cv2.addWeighted(image, 1.0 + gain, cv2.GaussianBlur(image, (0, 0), _FINE), -gain, 0.0)


def detail_energies(picture: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(2,) mean squares of the fine and the coarser detail in the luma of (H, W, 3) RGB, where `inside` (H, W) says."""
    return _energies(cv2.transform(picture, _LUMA), inside)


def sharpness_of(energies: NDArray[np.float64], grain: Grain | None) -> float:
    """Ratio of the energies of fine and coarser detail, without what grain has of both."""
    noise = np.zeros(2) if grain is None else _energies_of(grain)
    finest, coarser = np.maximum(np.maximum(energies - noise, _DOUBT * noise), _NOTHING)
    return float(finest / coarser)


def _energies(luma: NDArray[Any], inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.array([float(np.square(band[inside]).mean()) for band in _bands(luma)])


def _bands(luma: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    fine, middle = cv2.GaussianBlur(luma, (0, 0), _FINE), cv2.GaussianBlur(luma, (0, 0), _MIDDLE)
    return luma - fine, fine - middle


def _energies_of(grain: Grain) -> NDArray[np.float64]:
    """(2,) energies that grain has in the two bands."""
    impulse = np.zeros((41, 41), np.float32)
    impulse[20, 20] = grain.strength[0]
    return np.array([float(np.square(band).sum()) for band in _bands(coarsened(impulse, float(grain.spread[0])))])
