"""One affine resampling, alias-free when it shrinks and cubic when it enlarges."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

_OUTSIDE = {"mirror": cv2.BORDER_REFLECT_101, "zero": cv2.BORDER_CONSTANT}


def resample(
    image: NDArray[Any],
    matrix: NDArray[np.float64],
    *,
    width: int,
    height: int,
    outside: Literal["mirror", "zero"],
) -> NDArray[Any]:
    """Move an image through a similarity transform.

    Where the transform shrinks by f, the image is first low-passed with a Gaussian of sigma = sqrt(f^2 - 1) / 2 of its
    pixels: what a picture with pixels f times as large would have gathered. The amount grows from zero, so that a face
    that comes nearer does not jump in sharpness when it passes the network's resolution.

    Args:
        image: (h, w) or (h, w, C) float32.
        matrix: (2, 3), maps pixels of `image` to pixels of the result, pixel centres at integers.
        width: of the result in pixels.
        height: of the result in pixels.
        outside: what lies beyond the image: its mirror image, or zero.

    Returns:
        (height, width) or (height, width, C) float32; cubic interpolation may overshoot the image's range.
    """
    border = _OUTSIDE[outside]
    image = _low_passed(image, matrix, border)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=border)


def resample_exposed(
    image: NDArray[Any],
    matrix: NDArray[np.float64],
    exposures: Sequence[NDArray[np.float64]],
    *,
    width: int,
    height: int,
) -> NDArray[Any]:
    """The mean of what `resample` makes of an image, mirrored beyond its edges, at several places.

    Args:
        exposures: (2, 3) similarities between pixels of the result, one for each place.
    """
    border = _OUTSIDE["mirror"]
    image = _low_passed(image, matrix, border)
    mean = np.zeros((height, width, *image.shape[2:]), np.float32)
    for exposure in exposures:
        linear = exposure[:, :2] @ matrix[:, :2]
        moved = np.column_stack([linear, exposure[:, :2] @ matrix[:, 2] + exposure[:, 2]])
        mean += cv2.warpAffine(image, moved, (width, height), flags=cv2.INTER_CUBIC, borderMode=border)
    mean *= np.float32(1.0 / len(exposures))
    return mean


def _low_passed(image: NDArray[Any], matrix: NDArray[np.float64], border: int) -> NDArray[Any]:
    shrink = 1.0 / math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if shrink <= 1.0:
        return image
    return cv2.GaussianBlur(image, (0, 0), math.sqrt(shrink * shrink - 1.0) / 2.0, borderType=border)
