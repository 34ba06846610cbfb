"""The swapped face in the colours of its surroundings, still in the pixels of its crop."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.crops import face_crop
from understudy.merging.dfl_color import match_histogram_as_dfl, transfer_color_as_dfl
from understudy.merging.histogram import match_histogram
from understudy.merging.light import light_gain, relit
from understudy.merging.moment import Moment
from understudy.merging.prediction import Prediction
from understudy.merging.rim import Rim
from understudy.merging.seamless import clone_seamlessly, meet_surroundings
from understudy.merging.settings import MergeSettings

_CLONED_FROM = 0.1  # mask value from which DeepFaceLab clones


def recolor(
    prediction: Prediction,
    mask: NDArray[np.float32],
    moment: Moment,
    pixels: NDArray[Any],
    paste: NDArray[np.float64],
    settings: MergeSettings,
    *,
    width: float,
) -> NDArray[np.float32]:
    """Light, colour transfer, histogram and cloning as the settings say.

    Args:
        prediction: the face, before and after the network.
        mask: (S, S), 0..1, how far the face will be seen.
        moment: what the frames around tell: colours gathered over them, and what the face's edge meets there.
        pixels: (H, W, 3), the frame below.
        paste: (2, 3) from frame pixels to pixels of the crop.
        width: of the face, in pixels of the crop.

    Returns:
        (S, S, 3) float32, 0..1.
    """
    gain = None
    if settings.light > 0:  # before the colours: light and shade are no matter of theirs
        strength = settings.light / 100.0
        if moment.colors is None:
            gain = light_gain(prediction.face, prediction.crop, mask, width=width, strength=strength)
        else:
            gain = moment.colors.light_gain(mask, width=width, strength=strength)
        prediction = replace(prediction, face=relit(prediction.face, gain))
    if settings.compat == "dfl":
        return _recolor_as_dfl(prediction, mask, pixels, paste, settings)
    if moment.colors is None:
        samples = ColorSamples.of(prediction.face, prediction.crop, mask)
    else:
        samples = moment.colors.under(mask, gain)
    face = transfer_color(settings.color_transfer, prediction.face, samples, mask, linear_light=settings.linear_light)
    if settings.mode in ("hist-match", "seamless-hist-match"):
        face = match_histogram(face, _recolored(samples, settings), threshold=settings.hist_match_threshold)
    if settings.mode in ("seamless", "seamless-hist-match"):
        plate = face_crop(pixels, paste, face.shape[0])
        rim = Rim.of(plate, mask * prediction.dst_mask, width=width).steadied(moment.rims)
        face = meet_surroundings(face, rim, mask, mask * prediction.mask, width=width)
    return face


def _recolored(samples: ColorSamples, settings: MergeSettings) -> ColorSamples:
    """The samples as they are after the colour transfer, which the histogram is matched from."""
    row = samples.face[None]
    recolored = transfer_color(settings.color_transfer, row, samples, linear_light=settings.linear_light)[0]
    weights = samples.weights if settings.masked_hist_match else np.ones_like(samples.weights)
    return ColorSamples(recolored, samples.reference, weights)


def _recolor_as_dfl(
    prediction: Prediction,
    mask: NDArray[np.float32],
    pixels: NDArray[Any],
    paste: NDArray[np.float64],
    settings: MergeSettings,
) -> NDArray[np.float32]:
    """In the seamless modes cloned first, with a hard mask, and recoloured after; never matched by the mask alone."""
    face, seamless = prediction.face, settings.mode.startswith("seamless")
    if seamless:
        hard = (mask > _CLONED_FROM).astype(np.float32)
        face = clone_seamlessly(face, face_crop(pixels, paste, face.shape[0]), hard)
    face = transfer_color_as_dfl(settings.color_transfer, face, prediction.crop, mask)
    if settings.mode.endswith("hist-match"):
        counted = mask if settings.masked_hist_match and not seamless else None
        face = match_histogram_as_dfl(face, prediction.crop, counted, threshold=settings.hist_match_threshold)
    return face
