"""Give the swapped face the colours of the face that was there.

All transfers look only at pixels under the mask, each with its weight: hair and background have no say.
"""

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples
from understudy.merging.distribution_transfer import iterative_transfer, mixed_transfer, sliced_transport
from understudy.merging.linear_color import linear_transfer, monge_kantorovich, reinhard
from understudy.merging.settings.color import ColorTransfer


def transfer_color(
    kind: ColorTransfer, face: NDArray[np.float32], samples: ColorSamples, mask: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Recolour `face` by what takes the samples' face colours to those of the reference.

    Args:
        kind: the transfer.
        face: (S, S, 3) RGB 0..1.
        samples: of this face; where there are too few, the face comes back as it is.
        mask: (S, S), 0..1, where the face will be seen, over which sot-m smooths its change; None: everywhere.

    Returns:
        (S, S, 3) float32, clipped to 0..1.
    """
    if kind == "none" or samples.too_few:
        return face
    match kind:
        case "rct":
            recolored = reinhard(face, samples)
        case "lct":
            recolored = linear_transfer(face, samples)
        case "mkl" | "mkl-m":
            recolored = monge_kantorovich(face, samples)
        case "idt" | "idt-m":
            recolored = iterative_transfer(face, samples)
        case "sot-m":
            seen = np.ones(face.shape[:2], np.float32) if mask is None else mask
            recolored = sliced_transport(face, samples, seen)
        case "mix-m":
            recolored = mixed_transfer(face, samples)
    return np.clip(recolored, 0.0, 1.0)
