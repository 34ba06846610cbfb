"""The curves of HDR video: from code values to light, of the display (PQ) or of the scene (HLG)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

REFERENCE_WHITE = 203.0
"""cd/m2 of diffuse white in HDR video (ITU-R BT.2408, 2.2); PQ has it at 58%, HLG at 75% of the signal."""


def pq_light(code: NDArray[Any]) -> NDArray[np.float64]:
    """Light of the display in cd/m2, 0 to 10,000, for PQ code values 0..1 (SMPTE ST 2084, its EOTF); any shape."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    power = np.clip(np.asarray(code, np.float64), 0, 1) ** (1 / m2)
    return np.asarray(10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1))


def hlg_light(code: NDArray[Any]) -> NDArray[np.float64]:
    """Light of the scene, 0 to 1, for HLG code values 0..1 (ARIB STD-B67, its inverse OETF); any shape."""
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    code = np.clip(np.asarray(code, np.float64), 0, 1)
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
