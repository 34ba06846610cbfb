"""Writing the watermark: one still pattern, added to every frame with the strength that its picture allows."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media.linear import from_linear, to_linear
from understudy.provenance.watermark.carriers import carriers_of, pattern, tile_side
from understudy.provenance.watermark.masking import STRONGEST, strength
from understudy.provenance.watermark.payload import Payload

_FINE = 90  # steps of the pattern in one standard deviation: 2.6 of them fit into eight bits
_UNIT = STRONGEST / 255 / _FINE  # levels of 255 in one step at a strength of 1


class Embedder:
    """Marks pictures of one size with one payload. The pattern is made once; it stands still, so nothing flickers."""

    def __init__(self, payload: Payload, height: int, width: int) -> None:
        """Prepare to mark pictures of `height` by `width` pixels."""
        self.payload, self.height, self.width = payload, height, width
        self._side = tile_side(height, width)
        steps = np.rint(pattern(carriers_of(payload), height, width) * _FINE)  # (H, W)
        self._rise = np.maximum(steps, 0).astype(np.uint8)
        self._fall = np.maximum(-steps, 0).astype(np.uint8)

    def mark(self, pixels: NDArray[Any], region: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """One picture, marked.

        Args:
            pixels: (H, W, 3) RGB as in `Frame.pixels`: uint8, uint16, or float32 scene-linear; left as it is.
            region: (H, W), where the picture may change; None: anywhere.

        Returns:
            (H, W, 3) in the dtype of `pixels`, bit-identical outside of `region`.

        Raises:
            ValueError: the picture or the region has another size.
        """
        if pixels.shape != (self.height, self.width, 3) or (region is not None and region.shape != pixels.shape[:2]):
            raise ValueError(f"a picture of {pixels.shape} for a pattern of {self.height}x{self.width}")
        if pixels.dtype == np.uint8:
            return self._mark_bytes(pixels, self._strength(pixels, region))
        if pixels.dtype == np.uint16:
            added = np.rint(self._levels(pixels, region) * np.float32(257)).astype(np.int16)
            marked: NDArray[Any] = cv2.add(pixels, cv2.merge([added] * 3), dtype=cv2.CV_16U)
            return marked
        return self._mark_linear(np.asarray(pixels, np.float32), region)

    def _strength(self, pixels: NDArray[Any], region: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
        allowed = strength(pixels, self._side)
        if region is not None:
            allowed *= region
        return allowed

    def _levels(self, pixels: NDArray[Any], region: NDArray[np.bool_] | None) -> NDArray[np.float32]:
        """What is to be added, (H, W), in levels of 255."""
        steps = self._rise.astype(np.float32) - self._fall
        return steps * self._strength(pixels, region) * np.float32(_UNIT)

    def _mark_bytes(self, pixels: NDArray[Any], allowed: NDArray[np.uint8]) -> NDArray[Any]:
        """Two saturating passes in eight bits: of the ways to add a signed pattern, the fastest."""
        rise = cv2.cvtColor(cv2.multiply(self._rise, allowed, scale=_UNIT), cv2.COLOR_GRAY2RGB)
        fall = cv2.cvtColor(cv2.multiply(self._fall, allowed, scale=_UNIT), cv2.COLOR_GRAY2RGB)
        marked: NDArray[Any] = cv2.add(pixels, rise, dst=rise)
        cv2.subtract(marked, fall, dst=marked)
        return marked

    def _mark_linear(self, pixels: NDArray[np.float32], region: NDArray[np.bool_] | None) -> NDArray[np.float32]:
        """The same change as seen through the sRGB curve; light beyond black and white, and what is no number, stay."""
        shown = from_linear(pixels)
        levels = (self._levels(shown, region) / np.float32(255))[..., None]
        inside = (pixels > 0) & (pixels < 1) & (levels != 0)
        return np.where(inside, pixels + (to_linear(shown + levels) - to_linear(shown)), pixels)


@lru_cache(maxsize=4)
def embedder(payload: Payload, height: int, width: int) -> Embedder:
    """The embedder for a payload and a size; the last few are kept."""
    return Embedder(payload, height, width)
