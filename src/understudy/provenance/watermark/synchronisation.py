"""Finding the tile again: where a picture's copy of it lies, and how large it has become.

A pattern with the period of the tile has a comb for a spectrum, whatever it was scaled to. For each period that may be,
the spectrum is sampled at the comb's pilots, and one small inverse transform of the products with their known phases
gives the correlation at every shift: a symmetric phase-only matched filter (Chen, Defrise and Deconinck, IEEE Trans.
PAMI 16(12), 1994) on a sparse template (Pereira and Pun, IEEE Trans. Image Processing 9(6), 2000).
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.provenance.watermark.carriers import HIGHEST, PHASES, PILOTS, WAVES

_GRID = 64  # shifts tried along a side of the tile
_STEP = 0.5  # by how much of a wave the shortest waves of two tried periods come apart over the picture
_WHITENED = 31  # bins over which the spectrum's power is evened out
_WORTH_REFINING = 4.6  # standard deviations; chance alone gives about as much
_PILOT_WAVES = WAVES[:PILOTS]
_PILOT_PHASES = PHASES[:PILOTS]


@dataclass(frozen=True)
class Sync:
    """Where the tile lies in a picture.

    Attributes:
        period_x, period_y: sides of the tile as it is found, in pixels.
        shift_x, shift_y: what share of a tile lies between its origin and the picture's centre, 0..1.
        mirrored: left and right are exchanged.
        score: correlation of the pilots in standard deviations of chance.
    """

    period_x: float
    period_y: float
    shift_x: float
    shift_y: float
    mirrored: bool
    score: float


class Spectrum:
    """The whitened spectrum of one picture, with the phases that it has at the picture's centre."""

    def __init__(self, picture: NDArray[np.float32]) -> None:
        """Transform a picture (H, W) without its mean and slow changes."""
        self.height, self.width = picture.shape
        rows, columns = (cv2.getOptimalDFTSize(2 * side) for side in picture.shape)
        spectrum = np.fft.rfft2(picture.T, s=(columns, rows + rows % 2)).astype(np.complex64)  # (X, Y / 2 + 1)
        fx, fy = np.fft.fftfreq(columns), np.fft.rfftfreq(rows + rows % 2)
        spectrum *= np.exp(1j * np.pi * (self.width - 1) * fx).astype(np.complex64)[:, None]
        spectrum *= np.exp(1j * np.pi * (self.height - 1) * fy).astype(np.complex64)[None, :]
        power = cv2.blur(spectrum.real**2 + spectrum.imag**2, (_WHITENED, _WHITENED))
        spectrum /= np.sqrt(power + np.float32(1e-12 * max(float(power.max()), 1e-30)))
        self._bins = spectrum
        self._columns, self._rows = columns, rows + rows % 2

    def at(self, fx: NDArray[np.float64], fy: NDArray[np.float64]) -> NDArray[np.complex64]:
        """Interpolated at frequencies in cycles per pixel, any shape; `fy` is not negative."""
        x, y = fx * self._columns, fy * self._rows
        left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        right_share, bottom_share = (x - left).astype(np.float32), (y - top).astype(np.float32)
        left, right = left % self._columns, (left + 1) % self._columns
        top, bottom = np.minimum(top, self._rows // 2), np.minimum(top + 1, self._rows // 2)
        bins = self._bins
        upper = bins[left, top] * (1 - right_share) + bins[right, top] * right_share
        lower = bins[left, bottom] * (1 - right_share) + bins[right, bottom] * right_share
        return np.asarray(upper * (1 - bottom_share) + lower * bottom_share, np.complex64)


def find(picture: NDArray[np.float32], shortest: float, longest: float, *, best: int) -> list[Sync]:
    """The likeliest places of the tile in a picture, the best first.

    Args:
        picture: (H, W) without its mean and slow changes.
        shortest, longest: sides of the tile that are looked for, in pixels.
        best: how many.
    """
    spectrum = Spectrum(picture)
    step = _STEP / HIGHEST / max(picture.shape)  # of the tile's frequency
    tried = np.arange(1 / longest, 1 / shortest + step, step)
    found: list[Sync] = []
    for mirrored in (False, True):
        scores, _ = _correlate(spectrum, tried, tried, mirrored=mirrored)
        peaks = np.flatnonzero((scores >= np.roll(scores, 1)) & (scores >= np.roll(scores, -1)))
        found += [
            Sync(1 / tried[i], 1 / tried[i], 0, 0, mirrored, float(scores[i]))
            for i in peaks[np.argsort(-scores[peaks])][:best]
        ]
    found.sort(key=lambda sync: -sync.score)
    refined = [refine(spectrum, sync, step) for sync in found[:best] if sync.score >= _WORTH_REFINING]
    return sorted(refined, key=lambda sync: -sync.score)


def refine(spectrum: Spectrum, sync: Sync, step: float) -> Sync:
    """Try periods around one that was found, in both directions on their own, and shifts between those of the grid."""
    offsets = np.arange(-4, 5) * (step / 4)
    across, down = (axis.ravel() for axis in np.meshgrid(1 / sync.period_x + offsets, 1 / sync.period_y + offsets))
    scores, shifts = _correlate(spectrum, across, down, mirrored=sync.mirrored)
    best = int(scores.argmax())
    period_x, period_y = 1 / float(across[best]), 1 / float(down[best])
    products = _products(spectrum, across[best : best + 1], down[best : best + 1], mirrored=sync.mirrored)[0]
    fine = np.arange(-4, 5) / (4 * _GRID)
    x, y = (axis.ravel() for axis in np.meshgrid(shifts[best, 0] + fine, shifts[best, 1] + fine))
    turns = np.exp(-2j * np.pi * (np.outer(x, _PILOT_WAVES[:, 0]) + np.outer(y, _PILOT_WAVES[:, 1])))
    agreement = (turns @ products).real
    place = int(agreement.argmax())
    score = float(agreement[place] / np.sqrt((np.abs(products) ** 2).sum() / 2 + 1e-30))
    return replace(
        sync,
        period_x=period_x,
        period_y=period_y,
        shift_x=float(x[place] % 1),
        shift_y=float(y[place] % 1),
        score=score,
    )


def _products(
    spectrum: Spectrum, across: NDArray[np.float64], down: NDArray[np.float64], *, mirrored: bool
) -> NDArray[np.complex64]:
    """The spectrum at the pilots, turned back by their phases, for tiles of frequencies (n,) and (n,): (n, PILOTS)."""
    waves_x = -_PILOT_WAVES[:, 0] if mirrored else _PILOT_WAVES[:, 0]
    received = spectrum.at(np.outer(across, waves_x), np.outer(down, _PILOT_WAVES[:, 1]))
    return np.asarray(received * _PILOT_PHASES.conj(), np.complex64)


def _correlate(
    spectrum: Spectrum, across: NDArray[np.float64], down: NDArray[np.float64], *, mirrored: bool
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The best score over all shifts for each of the tile's frequencies, (n,), and that shift, (n, 2) in tiles."""
    scores, shifts = [], []
    for start in range(0, len(across), 256):
        products = _products(spectrum, across[start : start + 256], down[start : start + 256], mirrored=mirrored)
        grid = np.zeros((len(products), _GRID, _GRID // 2 + 1), np.complex64)
        grid[:, _PILOT_WAVES[:, 0] % _GRID, _PILOT_WAVES[:, 1]] = products.conj()
        agreement = np.fft.irfft2(grid, s=(_GRID, _GRID)).reshape(len(products), -1) * np.float32(_GRID**2 / 2)
        place = agreement.argmax(axis=1)
        power = (products.real**2 + products.imag**2).sum(axis=1)
        scores.append(agreement[np.arange(len(place)), place] / np.sqrt(power / 2 + 1e-30))
        shifts.append(np.stack(np.divmod(place, _GRID), axis=1) / _GRID)
    return np.concatenate(scores), np.concatenate(shifts)
