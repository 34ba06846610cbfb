"""The edge of a mask: moved in or out, made soft, and faded out before the border of its square."""

import numpy as np
from numpy.typing import NDArray

from understudy.masks.edge_move import Amount, move_edge
from understudy.masks.feather import Feather, border_fade, feather


def shape_mask(
    mask: NDArray[np.float32], *, erode: Amount, blur: Amount, kind: Feather = "gaussian"
) -> NDArray[np.float32]:
    """Erode or dilate a mask, feather it and fade it to zero at the border of the square.

    Amounts are fractions of a pixel as much as whole ones, and the result changes smoothly with them. Soft values stay
    soft: nothing is thresholded, so that a mask that hesitates in one frame does not flicker.

    Args:
        mask: (S, S), 0..1.
        erode: pixels by which the edge moves inwards; negative outwards.
        blur: width in pixels of the ramp into which a hard edge turns; it lies half inside and half outside of it.
        kind: of ramp.

    Returns:
        (S, S) float32, 0..1; exactly 0 on the outermost pixels.
    """
    soft = feather(move_edge(mask, erode), blur, kind)
    wide = np.maximum(blur, np.float32(2.0)) if isinstance(blur, np.ndarray) else max(blur, 2.0)
    shaped: NDArray[np.float32] = np.clip(soft * border_fade(mask.shape[0], wide), 0.0, 1.0)
    return shaped
