"""Less noise, in each frame and from one frame to the next, without smearing what moves."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.media.frame import Frame

_SPACE = 1.6  # sigma in pixels of the neighbourhood that a pixel is averaged over
_ALIKE = 4.5  # sigma of colours that are averaged, in sigmas of the noise; the distance is summed over three channels
_KEPT = 0.85  # of the past, at most, in what is shown: a ninth of the noise's power stays in the long run
_STEADY = 1.5  # sigma in pixels over which a change must hold to count as one


class Denoiser:
    """Frames of one shot or several, in the order shown.

    Each pixel is averaged with neighbours of its own colour (a bilateral filter: Tomasi and Manduchi, ICCV 1998), then
    with its own past as long as the neighbourhood has not changed by more than noise would.
    """

    def __init__(self, factor: float) -> None:
        """Args: factor: 1 to 20; about the standard deviation of the noise in eight-bit steps."""
        self._sigma = factor / 255
        self._past: NDArray[np.float32] | None = None

    def __call__(self, frame: Frame) -> NDArray[Any]:
        """The frame's pixels without noise, (H, W, 3) in its own dtype; frames must come in the order shown."""
        pixels = np.ascontiguousarray(frame.unit())
        smooth = cv2.bilateralFilter(pixels, 5, _ALIKE * self._sigma, _SPACE)
        if self._past is not None and self._past.shape == pixels.shape:
            change = cv2.GaussianBlur(pixels - self._past, (0, 0), _STEADY)
            # A blur of sigma s leaves 1 / (2 s sqrt(pi)) of independent noise.
            noise = self._sigma / (2 * _STEADY * np.sqrt(np.pi)) * 1.5
            distance = np.square(change).mean(axis=2, keepdims=True)
            weight = (_KEPT * np.exp(-distance / np.float32(2 * noise * noise))).astype(np.float32)
            smooth = smooth + weight * (self._past - smooth)
        self._past = np.asarray(smooth, np.float32)
        if frame.pixels.dtype == np.float32:
            return self._past
        white = np.iinfo(frame.pixels.dtype).max
        whole: NDArray[Any] = np.rint(np.clip(self._past, 0, 1) * np.float32(white)).astype(frame.pixels.dtype)
        return whole
