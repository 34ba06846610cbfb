"""How much of a picture was laid over another, and what that was without the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from understudy.media.exr import rgb
from understudy.media.frame import ColorTags
from understudy.media.scene_light import scene_linear

MatteUse = Literal["alpha", "layers"]
"""What a sink does with mattes: they are the file's alpha, or one of the layers of an EXR."""

PLACES = frozenset({"st.R", "st.G"})
"""Layers that hold places, for which half floats are too coarse."""


@dataclass(frozen=True, eq=False)
class Matte:
    """What a sink may be given beside a frame's pixels.

    Attributes:
        alpha: (H, W) float32, 0..1: how much of each pixel is what was laid over.
        layers: further channels for a multi-layer EXR, each (H, W) float32 under its full name (`mask.final`).
        is_blended: the pixels that come with it have what is below in them, as far as alpha says; else they are what
            was laid over, alone.
    """

    alpha: NDArray[np.float32]
    layers: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    is_blended: bool = True


def straight(merged: NDArray[Any], plate: NDArray[Any], alpha: NDArray[np.float32]) -> NDArray[Any]:
    """What, laid over `plate` with `alpha` (over: alpha * this + (1 - alpha) * plate), gives `merged`.

    Where nothing was laid over, it is `merged` itself. Where very little was, integers may be too coarse for the
    colour that was laid over; laid over again they are at most a level off.

    Args:
        merged, plate: (H, W, 3) of the same dtype.
        alpha: (H, W), 0..1.

    Returns:
        (H, W, 3) in their dtype.
    """
    rows, columns = np.nonzero((alpha > 0) & (alpha < 1))
    result = merged.copy()
    below = plate[rows, columns].astype(np.float32)
    over = below + (merged[rows, columns].astype(np.float32) - below) / alpha[rows, columns, None]
    if merged.dtype != np.float32:
        over = np.rint(np.clip(over, 0, np.iinfo(merged.dtype).max))
    result[rows, columns] = over.astype(merged.dtype)
    return result


def in_layers(
    merged: NDArray[Any], plate: NDArray[Any], matte: Matte, color: ColorTags | None = None
) -> dict[str, NDArray[np.float32]]:
    """Channels for compositors, scene-linear, under their full names.

    `R`, `G`, `B`: `merged`; `A`: the matte's alpha; `plate.*`: what is below; `face.*`: what was laid over,
    premultiplied: over the plate it gives `merged`. Pictures are merged in display values; so where the edge is soft
    and what was laid over far darker than the plate, linear light of `face` is a little below zero.

    Args:
        merged, plate: (H, W, 3) as in `Frame.pixels`.
        color: their colour tags.

    Returns:
        (H, W) float32 each, those of `matte.layers` among them.
    """
    result, below = (scene_linear(pixels, color or ColorTags()) for pixels in (merged, plate))
    opacity = matte.alpha[..., None]
    face = result - (1 - opacity) * below if matte.is_blended else opacity * result
    alphas = {"A": matte.alpha, "face.A": matte.alpha}
    return {**rgb(result), **rgb(below, "plate"), **rgb(face, "face"), **alphas, **matte.layers}
