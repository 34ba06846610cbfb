"""Flicker: how far the change from frame to frame is from the change that the truth shows."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def temporal_errors(
    views: NDArray[np.uint8], truth: NDArray[np.uint8], masks: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Mean distance of each frame's change from the truth's own, under the mask of both frames.

    An error that does not change over time, a wrong skin colour for one, costs nothing here.

    Args:
        views, truth: (N, H, W, 3) aligned faces.
        masks: (N, H, W), 0..1.

    Returns:
        (N,) in 0..1 of the range of values; NaN for the first frame and where the masks do not meet.
    """
    errors = np.full(len(views), np.nan)
    for index in range(1, len(views)):
        mask = masks[index] * masks[index - 1]
        weight = float(mask.sum(dtype=np.float64))
        if weight > 0:
            change = _difference(views[index], views[index - 1]) - _difference(truth[index], truth[index - 1])
            errors[index] = float((np.abs(change).mean(axis=2) * mask).sum(dtype=np.float64)) / weight / 255
    return errors


def _difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[Any]:
    return cv2.subtract(a, b, dtype=cv2.CV_32F)
