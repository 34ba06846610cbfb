"""What a network makes of a face."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Prediction:
    """One face before and after the network, in the pixels of its crop; all float32 in 0..1.

    Attributes:
        crop: (S, S, 3) RGB, the dst face that the network saw.
        face: (S, S, 3) RGB, the swapped face.
        mask: (S, S) of the swapped face ("learned-prd").
        dst_mask: (S, S) of the dst face ("learned-dst").
        xseg: (S, S), what the mask network finds in `face` ("XSeg-prd"); None where it was not asked.
        xseg_dst: (S, S), what it finds in `crop` ("XSeg-dst").
    """

    crop: NDArray[np.float32]
    face: NDArray[np.float32]
    mask: NDArray[np.float32]
    dst_mask: NDArray[np.float32]
    xseg: NDArray[np.float32] | None = None
    xseg_dst: NDArray[np.float32] | None = None
