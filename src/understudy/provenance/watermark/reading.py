"""Reading the watermark from a picture, or from several that were put together."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media.linear import from_linear
from understudy.provenance.watermark.carriers import (
    HIGHEST,
    LIKELIEST,
    PHASES,
    PILOTS,
    RADIUS,
    WAVES,
    carriers_of,
    raw_bit_error,
    read_carriers,
)
from understudy.provenance.watermark.payload import Payload
from understudy.provenance.watermark.synchronisation import Sync, find

_SHORTER_SIDE, _LONGER_SIDE = 720, 2048  # pixels; larger pictures are scaled down before they are looked at
_SLOW = 3.0  # pixels; changes slower than that are the picture's
_NEAR, _WIDE = 2.0, 5.0  # pixels over which contrast is evened out, in each picture and in their sum
_FLOOR = 0.1  # contrast below which nothing is amplified: levels in a picture, a share of the mean in a sum
_CLIP = 2.5
_PERIODS = (46.0, 176.0)  # pixels; sides of the tile that are looked for, in the picture and in its half
_CANDIDATES = 3
_LEAST_SCORE = 5.4  # of the pilots; with fewer, the other carriers are too weak to be decoded
_WINDOWS = 20  # the whole and nine quarters, in the picture and in its half

CHANCE = LIKELIEST * 2 * _CANDIDATES * _WINDOWS * 2.0**-40
"""Upper bound of the probability that one unmarked picture gives a reading.

Two attempts at each of the candidates in each of the windows; a decoder that is fed noise returns messages in which
the 32 bits of the CRC and the 8 of the version are right by chance.
"""

PRESENT = 5.0  # standard deviations of chance from which a known payload counts as there


@dataclass(frozen=True)
class Reading:
    """A payload that was read.

    Attributes:
        payload: what the watermark says.
        score: correlation of its data carriers in standard deviations of chance; from `PRESENT` on, it is there.
        bit_error: share of the carriers' bits that were wrong before correction, 0..0.5.
        scale_x, scale_y: size of the tile as found, in pixels of the picture over 128.
        mirrored: left and right are exchanged.
    """

    payload: Payload
    score: float
    bit_error: float
    scale_x: float
    scale_y: float
    mirrored: bool


Levels = tuple[NDArray[np.float32], NDArray[np.float32]]
"""An evened picture and its half, (H, W) and (H / 2, W / 2)."""


@dataclass(frozen=True)
class Found:
    """A reading with where it was found, so that the same place can be looked at in other frames.

    Attributes:
        reading: what was read.
        sync: where the tile lies in the window.
        window: rows and columns of the level.
        level: which of `Levels`.
    """

    reading: Reading
    sync: Sync
    window: tuple[slice, slice]
    level: int


def read_frame(pixels: NDArray[Any]) -> Reading | None:
    """Look for the watermark in one picture.

    Args:
        pixels: (H, W, 3) RGB: uint8, uint16, or float32 scene-linear.

    Returns:
        None where there is none that can be read.
    """
    found = search(even(luma_of(pixels)))
    return found.reading if found else None


def luma_of(pixels: NDArray[Any]) -> NDArray[Any]:
    """Luma (H, W), with white at 255, of pixels (H, W, 3) RGB: uint8, uint16, or float32 scene-linear."""
    if pixels.dtype == np.float32:
        pixels = from_linear(pixels) * np.float32(255)
    elif pixels.dtype == np.uint16:
        pixels = pixels.astype(np.float32) / np.float32(257)
    luma: NDArray[Any] = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    return luma


def even(luma: NDArray[Any]) -> Levels:
    """A picture without what is surely its own: slow changes are taken out and contrast is made the same all over.

    Args:
        luma: (H, W) with white at 255.

    Returns:
        Of about unit variance, with at most 720 pixels along the shorter side and 2048 along the longer. The sum of
        several pictures' levels can be searched as one.
    """
    height, width = luma.shape
    ratio = min(1.0, _SHORTER_SIDE / min(height, width), _LONGER_SIDE / max(height, width))
    full, half = (_shrunk(luma.astype(np.float32), part) for part in (ratio, ratio / 2))
    return _evened(full), _evened(half)


def _shrunk(picture: NDArray[np.float32], ratio: float) -> NDArray[np.float32]:
    if ratio == 1:
        return picture
    height, width = (max(1, round(side * ratio)) for side in picture.shape)
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _evened(level: NDArray[np.float32]) -> NDArray[np.float32]:
    detail = level - cv2.GaussianBlur(level, (0, 0), _SLOW)
    contrast = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), _NEAR)) + np.float32(_FLOOR)
    return np.asarray(np.clip(detail / contrast, -_CLIP, _CLIP), np.float32)


def search(levels: Levels) -> Found | None:
    """Look for a watermark of any size at any place of evened pictures.

    The whole picture is tried first, then parts of it, in which a picture within the picture is more than a quarter.
    """
    flat = [_evened_again(level) for level in levels]
    for windows in (_whole, _quarters):
        for number, level in enumerate(flat):
            for window in windows(*level.shape):
                if (found := _search_window(level, window, number)) is not None:
                    return found
    return None


def _evened_again(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """In a sum of pictures, what stands still outweighs what moves: give all places the same say."""
    power = cv2.GaussianBlur(level * level, (0, 0), _WIDE)
    floor = _FLOOR * float(np.sqrt(power.mean())) + 1e-9
    return np.asarray(level / (np.sqrt(power) + np.float32(floor)), np.float32)


def look_again(levels: Levels, found: Found) -> float:
    """The score of a payload that is known at a place that is known."""
    received = _receive(levels[found.level][found.window], found.sync, None)
    return _score(_normalised(received), found.reading.payload)


def _whole(height: int, width: int) -> list[tuple[slice, slice]]:
    return [(slice(0, height), slice(0, width))]


def _quarters(height: int, width: int) -> list[tuple[slice, slice]]:
    """Nine windows of half the picture's sides that overlap by half."""
    return [
        (slice(height * i // 4, height * i // 4 + height // 2), slice(width * j // 4, width * j // 4 + width // 2))
        for i in range(3)
        for j in range(3)
    ]


def _search_window(level: NDArray[np.float32], window: tuple[slice, slice], number: int) -> Found | None:
    part = level[window]
    if min(part.shape) < 64:
        return None
    shortest, longest = _PERIODS
    for sync in find(part, shortest, min(longest, max(part.shape)), best=_CANDIDATES):
        if sync.score < _LEAST_SCORE:
            break
        for weight in (None, _support(part, sync)):
            received = _normalised(_receive(part, sync, weight))
            payload = read_carriers(received, _trust(received))
            if payload is not None:
                scale = 2**number / 128
                reading = Reading(
                    payload,
                    score=_score(received, payload),
                    bit_error=raw_bit_error(received, payload),
                    scale_x=sync.period_x * scale,
                    scale_y=sync.period_y * scale,
                    mirrored=sync.mirrored,
                )
                return Found(reading, sync, window, number)
    return None


def _receive(part: NDArray[np.float32], sync: Sync, weight: NDArray[np.float32] | None) -> NDArray[np.complex64]:
    """The carriers' amplitudes in a picture (H, W), (N,)."""
    rows, columns = _waves(part.shape, sync)
    weighted = part if weight is None else part * weight
    spectrum = rows.conj() @ (weighted @ columns.conj().T)  # (16, 31)
    received: NDArray[np.complex64] = spectrum[WAVES[:, 1], WAVES[:, 0] + HIGHEST]
    return received


def _support(part: NDArray[np.float32], sync: Sync) -> NDArray[np.float32]:
    """Where in a picture the pilots are: their correlation around each pixel, (H, W), 0..1."""
    rows, columns = _waves(part.shape, sync)
    spectrum = np.zeros((len(rows), len(columns)), np.complex64)
    spectrum[WAVES[:PILOTS, 1], WAVES[:PILOTS, 0] + HIGHEST] = PHASES[:PILOTS]
    pilots = (rows.T @ (spectrum @ columns)).real
    agreement = cv2.GaussianBlur(part * pilots, (0, 0), max(sync.period_x, sync.period_y) / 2)
    return np.maximum(agreement / max(float(agreement.max()), 1e-9), 0)  # type: ignore[no-any-return]


def _waves(shape: tuple[int, ...], sync: Sync) -> tuple[NDArray[np.complex64], NDArray[np.complex64]]:
    """The tile's oscillations down, (16, H), and across, (31, W), as they lie in a picture."""
    height, width = shape
    down = (np.arange(height) - (height - 1) / 2) / sync.period_y + sync.shift_y
    across = (np.arange(width) - (width - 1) / 2) / sync.period_x
    across = (-across if sync.mirrored else across) + sync.shift_x
    rows = np.exp(2j * np.pi * np.outer(np.arange(HIGHEST + 1), down))
    columns = np.exp(2j * np.pi * np.outer(np.arange(-HIGHEST, HIGHEST + 1), across))
    return rows.astype(np.complex64), columns.astype(np.complex64)


def _normalised(received: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Carriers (N,) with the power of those of about their wavelength made 1."""
    power = np.abs(received) ** 2
    near = np.abs(RADIUS[:, None] - RADIUS[None, :]) <= 1.5  # (N, N)
    even_power = (near @ power) / near.sum(axis=1)
    return np.asarray(received / np.sqrt(even_power + 1e-30), np.complex64)


def _trust(received: NDArray[np.complex64]) -> NDArray[np.float32]:
    """How much carriers (N,) are worth by their wavelength, judged by the pilots: short waves fade first."""
    agreement = (received[:PILOTS] * PHASES[:PILOTS].conj()).real
    slope, level = np.polyfit(RADIUS[:PILOTS], agreement, 1)
    amplitude = np.clip(slope * RADIUS + level, 0.05, 0.95)
    return np.asarray(amplitude / (1 - amplitude**2), np.float32)


def _score(received: NDArray[np.complex64], payload: Payload) -> float:
    """Correlation of the data carriers, in standard deviations of chance; the pilots are the same for all payloads."""
    data = received[PILOTS:]
    agreement = (data * carriers_of(payload)[PILOTS:].conj()).real.sum()
    return float(agreement / np.sqrt((np.abs(data) ** 2).sum() / 2 + 1e-30))
