"""Writing the watermark: one still pattern, added to every frame with the strength that its picture allows."""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media.linear import from_linear, to_linear
from understudy.media.planes import LumaPlane
from understudy.provenance.watermark.carriers import carriers_of, pattern, tile_side
from understudy.provenance.watermark.masking import STRONGEST, sampled, strength
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
        if pixels.dtype == np.float32:
            return self._mark_linear(pixels, region)
        white = int(np.iinfo(pixels.dtype).max)
        allowed = self._strength(sampled(pixels[..., 1], self._side, white=white), region)  # green is most of luma
        rise, fall = (cv2.merge([part] * 3) for part in self._parts(allowed, white, pixels.dtype))
        return self._added(pixels, rise, fall)

    def mark_luma(self, plane: LumaPlane) -> None:
        """Mark a picture's luma in place, which spares a video the way to RGB and back.

        Raises:
            ValueError: the picture has another size.
        """
        samples = plane.samples
        if samples.shape != (self.height, self.width):
            raise ValueError(f"a picture of {samples.shape} for a pattern of {self.height}x{self.width}")
        level = sampled(samples, self._side, black=plane.black, white=plane.white)
        rise, fall = self._parts(self._strength(level, None), plane.white - plane.black, samples.dtype)
        marked = self._added(samples, rise, fall)
        samples[...] = marked if plane.peak == np.iinfo(samples.dtype).max else np.minimum(marked, plane.peak)

    def _strength(self, level: NDArray[np.float32], region: NDArray[np.bool_] | None) -> NDArray[np.uint8]:
        allowed = strength(level, self.height, self.width)
        if region is not None:
            allowed *= region
        return allowed

    def _parts(
        self, allowed: NDArray[np.uint8], white: int, dtype: "np.dtype[Any]"
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """What is to be added, and what taken away, each (H, W) in `dtype`, of which `white` is the range."""
        kind = cv2.CV_8U if dtype == np.uint8 else cv2.CV_16U
        scale = _UNIT * white / 255
        return (
            cv2.multiply(self._rise, allowed, scale=scale, dtype=kind),
            cv2.multiply(self._fall, allowed, scale=scale, dtype=kind),
        )

    def _added(self, pixels: NDArray[Any], rise: NDArray[Any], fall: NDArray[Any]) -> NDArray[Any]:
        """Two saturating passes in whole numbers: of the ways to add a signed pattern, the fastest."""
        marked: NDArray[Any] = cv2.add(pixels, rise)
        cv2.subtract(marked, fall, dst=marked)
        return marked

    def _mark_linear(self, pixels: NDArray[np.float32], region: NDArray[np.bool_] | None) -> NDArray[np.float32]:
        """The same change as seen through the sRGB curve; light beyond black and white, and what is no number, stay."""
        shown = from_linear(pixels)
        allowed = self._strength(sampled(shown[..., 1], self._side, white=1), region)
        levels = (self._rise.astype(np.float32) - self._fall) * allowed * np.float32(_UNIT / 255)  # (H, W)
        changed = shown + levels[..., None]
        inside = (pixels > 0) & (pixels < 1) & (levels != 0)[..., None]
        return np.where(inside, pixels + (to_linear(changed) - to_linear(shown)), pixels)


@lru_cache(maxsize=4)
def embedder(payload: Payload, height: int, width: int) -> Embedder:
    """The embedder for a payload and a size; the last few are kept."""
    return Embedder(payload, height, width)
