"""Give the swapped face the colours of the face that was there.

All transfers look only at pixels under the mask, each with its weight: hair and background have no say.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples
from understudy.merging.distribution_transfer import iterative_transfer, mixed_transfer, sliced_transport
from understudy.merging.levels import from_display, to_display
from understudy.merging.linear_color import linear_transfer, monge_kantorovich, reinhard

ColorTransfer = Literal["none", "rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m"]
"""rct: mean and contrast of lightness and the two colour axes; mkl: the whole of RGB, turned and stretched with the
least possible change, lct: with a larger one; idt, sot: the whole distribution of colours, sot smoothed over the face;
mix: lightness as in rct, colours as in sot; none: the colours stay as they were predicted. "-m" says in DeepFaceLab
that the mask counts, which it always does here: mkl is mkl-m, and idt is idt-m."""

_LINEAR = {"lct": linear_transfer, "mkl": monge_kantorovich, "mkl-m": monge_kantorovich}
_DARKEST = np.float32(1e-4)  # mean light below which there is no colour to go by


def transfer_color(
    kind: ColorTransfer,
    face: NDArray[np.float32],
    samples: ColorSamples,
    mask: NDArray[np.float32] | None = None,
    *,
    linear_light: bool = False,
) -> NDArray[np.float32]:
    """Recolour `face` by what takes the samples' face colours to those of the reference.

    Args:
        kind: the transfer.
        face: (S, S, 3) RGB 0..1.
        samples: of this face; where there are too few, the face comes back as it is.
        linear_light: lct and mkl are fitted to light and not to display values. The others are not: rct is told from
            CIE Lab, in which more light is a gain as well, and the rest move whole distributions.
        mask: (S, S), 0..1, where the face will be seen, over which sot-m smooths its change; None: everywhere.

    Returns:
        (S, S, 3) float32, clipped to 0..1.
    """
    if kind == "none" or samples.too_few:
        return face
    light = _LINEAR.get(kind) if linear_light else None
    if light is not None:
        return _in_light(light, face, samples)
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


def _in_light(
    transfer: Callable[[NDArray[np.float32], ColorSamples], NDArray[np.float32]],
    face: NDArray[np.float32],
    samples: ColorSamples,
) -> NDArray[np.float32]:
    """A transfer between colours as light, each side in units of its own mean: other exposures are but a factor."""
    face, own, wanted = (from_display(part, np.float32) for part in (face, samples.face, samples.reference))
    share = samples.weights / samples.weights.sum()
    units = [np.maximum((share @ part).mean(), _DARKEST) for part in (own, wanted)]
    recolored = transfer(face / units[0], ColorSamples(own / units[0], wanted / units[1], samples.weights))
    return np.clip(to_display(recolored * units[1]), 0.0, 1.0)
