"""The tile: which waves carry the watermark, and what each of them says.

The pattern repeats, so that its spectrum is a comb: spread-spectrum carriers (Cox, Kilian, Leighton and Shamoon,
"Secure spread spectrum watermarking for multimedia", IEEE Trans. Image Processing 6(12), 1997) at the multiples of the
tile's frequency, by which scale and shift are found again (Kutter, "Watermarking resisting to translation, rotation,
and scaling", Proc. SPIE 3528, 1998). Some carriers are pilots of known phase; each of the others holds two code bits,
one in either quadrature.
"""

import numpy as np
from numpy.typing import NDArray

from understudy.provenance.watermark import convolution
from understudy.provenance.watermark.key import key_stream
from understudy.provenance.watermark.payload import MESSAGE_BITS, Payload

HIGHEST = 15  # waves per tile
_LOWEST = 4
_SIDE = 128.0  # pixels
_REFERENCE = 720  # pixels
_CODED = convolution.coded_length(MESSAGE_BITS)

_CREST = np.float32(2.6)  # standard deviations

LIKELIEST = 16
"""Number of messages that are checked for a valid CRC."""

PILOTS = 80
"""Number of carriers of known phase."""


def tile_side(height: int, width: int) -> float:
    """Side of the tile in pixels for a picture of some size: its waves are 8.5 to 32 pixels long at up to 720 lines.

    In larger pictures they grow with the shorter side, so that scaling them down to 720 lines leaves them readable.
    """
    return _SIDE * max(1.0, min(height, width) / _REFERENCE)


def _waves() -> NDArray[np.intp]:
    """One of every two opposite waves; none along rows or columns, where edges and the codecs' blocks lie."""
    across, down = np.meshgrid(np.arange(-HIGHEST, HIGHEST + 1), np.arange(1, HIGHEST + 1))
    waves = np.stack([across.ravel(), down.ravel()], axis=1).astype(np.intp)  # (all, 2)
    radius = np.hypot(waves[:, 0], waves[:, 1])
    waves = waves[(radius >= _LOWEST) & (radius <= HIGHEST) & (waves[:, 0] != 0)]
    order = np.argsort(key_stream("waves", len(waves)), kind="stable")
    return np.asarray(waves[order], np.intp)


WAVES = _waves()
"""Waves per tile across and down, (N, 2); the pilots come first."""

RADIUS = np.hypot(WAVES[:, 0], WAVES[:, 1]).astype(np.float32)
"""Waves per tile in the wave's own direction, (N,)."""

LOUDNESS = np.sqrt(RADIUS)
"""Relative amplitudes, (N,): long waves are seen more easily, so they are weaker."""

PHASES = np.exp(2j * np.pi * key_stream("phases", len(WAVES)) / 2**32).astype(np.complex64)
"""What every carrier is turned by, (N,) of modulus 1; a pilot says nothing else."""

_DIMENSIONS = 2 * (len(WAVES) - PILOTS)
_CODE_BIT = np.argsort(key_stream("bits", _DIMENSIONS), kind="stable") % _CODED
"""Which code bit each quadrature of the data carriers holds, (2 (N - PILOTS),); some hold one once more."""


def carriers_of(payload: Payload) -> NDArray[np.complex64]:
    """The carriers' amplitudes for a payload, (N,), each of modulus 1."""
    signs = convolution.encode(payload.to_bits())[_CODE_BIT].reshape(-1, 2)
    carriers = PHASES.copy()
    carriers[PILOTS:] *= (signs[:, 0] + 1j * signs[:, 1]).astype(np.complex64) / np.float32(np.sqrt(2))
    return np.asarray(carriers, np.complex64)


def read_carriers(received: NDArray[np.complex64], trust: NDArray[np.float32]) -> Payload | None:
    """The payload of received carriers.

    Args:
        received: (N,) amplitudes, noise and all.
        trust: (N,) how much a carrier's sign is worth.

    Returns:
        None where the CRC does not hold, as is so without a watermark.
    """
    data = (received * PHASES.conj() * trust)[PILOTS:]
    quadratures = np.stack([data.real, data.imag], axis=1).reshape(-1)
    soft = np.asarray(np.bincount(_CODE_BIT, quadratures, _CODED), np.float32)
    messages = convolution.decode(soft, likeliest=LIKELIEST)
    return next((payload for message in messages if (payload := Payload.from_bits(message))), None)


def raw_bit_error(received: NDArray[np.complex64], payload: Payload) -> float:
    """Share of the data carriers' quadratures with a wrong sign, before any correction; chance is 0.5."""
    sent = (carriers_of(payload) * PHASES.conj())[PILOTS:]
    got = (received * PHASES.conj())[PILOTS:]
    wrong = np.stack([got.real * sent.real, got.imag * sent.imag]) <= 0
    return float(wrong.mean())


def pattern(carriers: NDArray[np.complex64], height: int, width: int) -> NDArray[np.float32]:
    """The pattern for a picture's size, (height, width), of mean 0 and variance 1, without its rare peaks."""
    spectrum = np.zeros((HIGHEST + 1, 2 * HIGHEST + 1), np.complex64)
    spectrum[WAVES[:, 1], WAVES[:, 0] + HIGHEST] = carriers * LOUDNESS
    side = tile_side(height, width)
    rows = _oscillations(np.arange(HIGHEST + 1), np.arange(height), side)  # (16, H)
    columns = _oscillations(np.arange(-HIGHEST, HIGHEST + 1), np.arange(width), side)  # (31, W)
    waves = (rows.T @ (spectrum @ columns)).real  # (H, W)
    deviation = np.sqrt((LOUDNESS**2).sum() / 2)
    return np.asarray(np.clip(waves / deviation, -_CREST, _CREST), np.float32)


def _oscillations(waves: NDArray[np.intp], places: NDArray[np.intp], side: float) -> NDArray[np.complex64]:
    return np.asarray(np.exp(2j * np.pi * np.outer(waves, places) / side), np.complex64)
