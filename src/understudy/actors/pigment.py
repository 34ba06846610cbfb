"""Colours of skin, hair and iris from how much pigment they hold. All linear RGB."""

import numpy as np
from numpy.typing import NDArray

from understudy.actors.vector import Floats, vector

_SKIN = (  # sRGB by tone, from the lightest to the darkest
    (229, 190, 169),
    (222, 178, 151),
    (208, 156, 124),
    (193, 138, 104),
    (160, 108, 78),
    (122, 78, 55),
    (88, 55, 40),
)
_HAIR = ((226, 190, 130), (178, 132, 80), (112, 76, 47), (62, 42, 30), (30, 23, 20))  # by melanin
_GREY = (188, 186, 184)
_GINGER = (158, 74, 32)
_IRIS = ((84, 112, 138), (86, 96, 80), (98, 70, 38), (70, 41, 21), (42, 25, 16))  # by melanin


def linear(srgb: NDArray[np.floating]) -> Floats:
    """Linear light from sRGB in 0..1 (IEC 61966-2-1)."""
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4), np.float32)


def skin_colour(tone: float, undertone: float) -> Floats:
    """(3,) skin from the lightest (tone 0) to the darkest (1), cooler or warmer by `undertone` -1..1."""
    colour = _between(_SKIN, tone)
    return np.asarray(colour * (1 + vector(0.04, 0.0, -0.07) * undertone), np.float32)


def hair_colour(melanin: float, red: float, grey: float) -> Floats:
    """(3,) hair, all amounts 0..1."""
    colour = _between(_HAIR, melanin)
    colour = colour * (1 - 0.85 * red * (1 - 0.6 * melanin)) + _fixed(_GINGER) * (0.85 * red * (1 - 0.6 * melanin))
    return np.asarray(colour * (1 - grey) + _fixed(_GREY) * grey, np.float32)


def iris_colours(melanin: float, green: float) -> tuple[Floats, Floats]:
    """(3,) outer iris and (3,) ring around the pupil."""
    outer = _between(_IRIS, melanin)
    outer = outer * (1 + green * (1 - melanin) * vector(0.05, 0.15, -0.35))
    ring = _between(_IRIS, min(1.0, melanin + 0.32)) * vector(1.15, 0.95, 0.8)
    return outer.astype(np.float32), ring.astype(np.float32)


def hue_colour(hue: float, saturation: float, value: float) -> Floats:
    """(3,) of a dyed cloth, from HSV in 0..1."""
    channels = np.clip(np.abs(np.mod(hue * 6 + np.array([0, 4, 2]), 6) - 3) - 1, 0, 1)
    return linear(value * (1 - saturation + saturation * channels))


def _between(anchors: tuple[tuple[int, int, int], ...], t: float) -> Floats:
    table = linear(np.array(anchors) / 255.0)
    place = np.linspace(0, 1, len(anchors))
    return np.array([np.interp(t, place, table[:, k]) for k in range(3)], np.float32)


def _fixed(srgb: tuple[int, int, int]) -> Floats:
    return linear(np.array(srgb) / 255.0)
