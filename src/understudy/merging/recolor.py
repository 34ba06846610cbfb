"""The swapped face in the colours of its surroundings, still in the pixels of its crop."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.crops import face_crop
from understudy.merging.histogram import match_histogram
from understudy.merging.seamless import clone_seamlessly
from understudy.merging.settings import MergeSettings


def recolor(
    face: NDArray[np.float32],
    mask: NDArray[np.float32],
    samples: ColorSamples,
    pixels: NDArray[Any],
    paste: NDArray[np.float64],
    settings: MergeSettings,
) -> NDArray[np.float32]:
    """Colour transfer, histogram and cloning as the settings say.

    Args:
        face: (S, S, 3) RGB 0..1.
        mask: (S, S), 0..1.
        samples: colours of the face and of the one that was there.
        pixels: (H, W, 3), the frame below.
        paste: (2, 3) from frame pixels to pixels of the crop.

    Returns:
        (S, S, 3) float32, 0..1.
    """
    face = transfer_color(settings.color_transfer, face, samples)
    if settings.mode in ("hist-match", "seamless-hist-match"):
        face = match_histogram(face, samples, threshold=settings.hist_match_threshold)
    if settings.mode in ("seamless", "seamless-hist-match"):
        face = clone_seamlessly(face, face_crop(pixels, paste, face.shape[0]), mask)
    return face
