"""What compositors are given beside the result: masks by name, and the map from the frame into the face."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import face_matrix, invert
from understudy.faces.face import FaceType
from understudy.media import Matte
from understudy.merging.outputs import Write
from understudy.merging.plan import PlacedFace
from understudy.merging.render import RenderedFrame, SettingsAt
from understudy.merging.resample import resample
from understudy.provenance import MarkedWriter

FaceTypeOf = Callable[[PlacedFace], FaceType]
"""The crop geometry of the network that swaps a face."""


def is_blended(rendered: RenderedFrame, settings_at: SettingsAt) -> bool:
    """Whether merged pixels have the footage in them as far as the mask says; the raw modes leave that to others."""
    index = rendered.frame.index
    if settings_at(index, None).mode == "raw-predict":
        return False
    return not rendered.swapped or any(settings_at(index, face).mode != "raw-rgb" for face, _ in rendered.swapped)


def write_element(settings_at: SettingsAt) -> Write:
    """Writes the result's pixels with the mask for their alpha; the writer was opened for alpha."""

    def write_alpha(writer: MarkedWriter, rendered: RenderedFrame) -> None:
        composite = rendered.composite
        matte = Matte(composite.alpha, is_blended=is_blended(rendered, settings_at))
        writer.write(rendered.frame, composite.pixels, composite.changed, matte)

    return write_alpha


def write_layers(settings_at: SettingsAt, face_type_of: FaceTypeOf) -> Write:
    """Writes multi-layer EXR; the writer was opened for layers."""

    def write_with_layers(writer: MarkedWriter, rendered: RenderedFrame) -> None:
        composite = rendered.composite
        layers = in_frame(rendered, face_type_of)
        matte = Matte(composite.alpha, layers, is_blended=is_blended(rendered, settings_at))
        writer.write(rendered.frame, composite.pixels, composite.changed, matte)

    return write_with_layers


def in_frame(rendered: RenderedFrame, face_type_of: FaceTypeOf) -> dict[str, NDArray[np.float32]]:
    """Layers that tell how the alpha of a rendered frame came about; where faces overlap, the topmost counts.

    `mask.learned_prd`, `mask.learned_dst`: what the network says, before it is combined, eroded and blurred.
    `mask.final`: the alpha. `st.R`, `st.G`: where in the network's crop each pixel of the frame lies, as an STMap has
    it: 0 to 1 from the crop's left to its right edge, and from its bottom to its top; 0 outside the crop.

    Args:
        face_type_of: the crop geometry of each face's network.

    Returns:
        (H, W) float32 each, under their full names.
    """
    alpha = rendered.composite.alpha
    height, width = alpha.shape
    layers = {
        name: np.zeros((height, width), np.float32) for name in ("mask.learned_prd", "mask.learned_dst", "st.R", "st.G")
    }
    for face, prediction in rendered.swapped:
        size = prediction.face.shape[0]
        matrix = face_matrix(face.landmarks, face_type_of(face), size)
        for name, mask in (("mask.learned_prd", prediction.mask), ("mask.learned_dst", prediction.dst_mask)):
            placed = resample(mask, invert(matrix), width=width, height=height, outside="zero")
            np.maximum(layers[name], np.clip(placed, 0, 1), out=layers[name])
        place = _st_map(matrix, size, width, height)
        inside = ((place > 0) & (place < 1)).all(axis=2)
        for index, name in enumerate(("st.R", "st.G")):
            layers[name][inside] = place[inside, index]
    return {**layers, "mask.final": alpha}


def _st_map(matrix: NDArray[np.float64], size: int, width: int, height: int) -> NDArray[np.float32]:
    """(height, width, 2): frame pixels in a crop of `size` pixels, from its lower left corner at (0, 0) to (1, 1).

    Pixel centres are at integers in `matrix`, and half a pixel from the edge in an STMap.
    """
    y, x = np.mgrid[0:height, 0:width]
    across = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + 0.5) / size
    down = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + 0.5) / size
    return np.stack([across, 1 - down], axis=2).astype(np.float32)
