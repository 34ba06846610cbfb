"""The mask modes: which of the network's masks and the landmark hull limit a swapped face."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from understudy.masks.hull import hull_mask

MaskMode = Literal[
    "learned-prd*learned-dst",
    "learned-prd",
    "learned-dst",
    "learned-prd+learned-dst",
    "dst",
    "full",
]
"""learned-prd: the network's mask of the swapped face; learned-dst: its mask of the face that was there; `*` keeps what
is in both, `+` what is in either; dst: the hull of the landmarks; full: the whole square."""


def combine_masks(
    mode: MaskMode,
    *,
    prd: NDArray[np.float32],
    dst: NDArray[np.float32],
    landmarks: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The mask that `mode` names.

    Args:
        prd: (S, S) 0..1, the network's mask of the swapped face.
        dst: (S, S) 0..1, the network's mask of the dst face.
        landmarks: (68, 2) in pixels of the masks.

    Returns:
        (S, S) float32, 0..1.
    """
    match mode:
        case "learned-prd*learned-dst":
            return np.multiply(prd, dst)
        case "learned-prd":
            return prd
        case "learned-dst":
            return dst
        case "learned-prd+learned-dst":
            either: NDArray[np.float32] = np.minimum(prd + dst, 1.0)
            return either
        case "dst":
            return hull_mask(landmarks, *prd.shape)
        case "full":
            return np.ones_like(prd)
