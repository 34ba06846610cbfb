"""One affine resampling, alias-free when it shrinks and cubic when it enlarges."""

import math
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
    shrink = 1.0 / math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    border = _OUTSIDE[outside]
    if shrink > 1.0:
        sigma = math.sqrt(shrink * shrink - 1.0) / 2.0
        image = cv2.GaussianBlur(image, (0, 0), sigma, borderType=border)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=border)
