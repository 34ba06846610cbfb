"""What is done to the frame as a whole: to the plate before faces are laid over it, and to all of it after."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from understudy.merging.levels import from_display, to_display
from understudy.merging.paste import Composite
from understudy.merging.settings import MergeSettings
from understudy.merging.sharpen import median_passes

_SPACE = 1.6  # pixels: sigma of the neighbourhood that is averaged
_ALIKE = 4.5  # sigma of the colours that are averaged, in sigmas of the noise
_NOISE = 0.02 / 255  # noise that one unit of denoising takes away
_QUALITY = 12  # of JPEG: what a colour degrade of 100 looks like
_PLAIN = ("original", "raw-rgb", "raw-predict")  # modes that show a thing as it is


def plate_of(pixels: NDArray[Any], settings: MergeSettings) -> Composite:
    """The frame that faces are laid over: denoised and softened as far as the settings say.

    Once for all the frame's faces; the masks of some do not cut into what was done for others.

    Args:
        pixels: (H, W, 3) RGB uint8, uint16, or float32 scene-linear; not written to.
        settings: those of the frame.
    """
    untouched = Composite.untouched(pixels)
    if settings.mode in _PLAIN or settings.denoise == settings.bicubic_degrade == 0:
        return untouched
    plate: NDArray[Any] = to_display(pixels)
    compat = settings.compat == "dfl"
    if settings.denoise > 0:
        plate = median_passes(plate, settings.denoise, full=100.0) if compat else _denoised(plate, settings.denoise)
    if settings.bicubic_degrade > 0:
        plate = _shrunk_and_enlarged(plate, settings.bicubic_degrade, plain=compat)
    return Composite(from_display(plate, pixels.dtype), untouched.alpha, np.ones_like(untouched.changed))


def degrade_colors(composite: Composite, settings: MergeSettings) -> Composite:
    """The whole of a finished frame compressed; with DeepFaceLab's numbers, reduced to 256 colours."""
    if settings.mode in _PLAIN or settings.color_degrade == 0:
        return composite
    pixels = composite.pixels
    picture = to_display(pixels)
    whole = from_display(picture, np.uint8)
    worse = _of_few_colors(whole) if settings.compat == "dfl" else _compressed(whole)
    change = to_display(worse) - to_display(whole)  # of the picture's own depth, nothing is lost but what is degraded
    picture += np.float32(settings.color_degrade / 100.0) * change
    return Composite(from_display(picture, pixels.dtype), composite.alpha, np.ones_like(composite.changed))


def _denoised(plate: NDArray[Any], power: float) -> NDArray[Any]:
    return cv2.bilateralFilter(plate, 5, _ALIKE * _NOISE * power, _SPACE)


def _shrunk_and_enlarged(plate: NDArray[Any], power: float, *, plain: bool) -> NDArray[Any]:
    height, width = plate.shape[:2]
    share = 1.0 - power / 101.0
    size = (max(1, int(width * share)), max(1, int(height * share)))
    small = cv2.resize(plate, size, interpolation=cv2.INTER_CUBIC if plain else cv2.INTER_AREA)
    large: NDArray[Any] = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return large


def _compressed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


def _of_few_colors(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    few = Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE)
    return np.asarray(few.convert("RGB"), np.uint8)
