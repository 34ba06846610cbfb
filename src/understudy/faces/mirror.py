"""Landmarks of a mirrored image."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIRRORED: NDArray[np.intp] = np.array(
    [
        *range(16, -1, -1),  # jaw
        *range(26, 16, -1),  # brows
        *range(27, 31),  # bridge of the nose
        *range(35, 30, -1),  # nostrils
        *(45, 44, 43, 42, 47, 46),  # image-left eye
        *(39, 38, 37, 36, 41, 40),  # image-right eye
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),  # outer lips
        *(64, 63, 62, 61, 60, 67, 66, 65),  # inner lips
    ]
)
"""For each of the 68 landmarks, the one that takes its place in a mirror."""


def mirror_landmarks(landmarks: ArrayLike, width: int) -> NDArray[np.float32]:
    """Landmarks of an image flipped left to right.

    Args:
        landmarks: (68, 2), pixel centres at integers.
        width: of the image in pixels.

    Returns:
        (68, 2) float32, in iBUG order again.
    """
    points = np.asarray(landmarks, np.float32)[MIRRORED]
    return np.stack([width - 1 - points[:, 0], points[:, 1]], axis=1)
