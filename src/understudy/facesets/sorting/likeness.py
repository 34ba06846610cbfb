"""How unlike two faces are: by their colours, or pixel by pixel."""

import math
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.facesets.sorting.neighbors import EXACT


class Likeness(Protocol):
    """A distance between faces, given by descriptors (n, ...) of one kind."""

    def vectors(self, faces: NDArray[Any]) -> NDArray[np.float16]:
        """(n, d) whose Euclidean neighbors are likely neighbors by this distance."""

    def packed(self, faces: NDArray[Any]) -> NDArray[Any]:
        """Many faces in the form that `distances` takes."""

    def distances(self, face: NDArray[Any], packed: NDArray[Any]) -> NDArray[np.float32]:
        """(n,) distances of one face from many."""


class ColorLikeness:
    """The sum over red, green and blue of the Bhattacharyya distances of two histograms, 0..3.

    As OpenCV has it: sqrt(1 - sum(sqrt(p q))).
    """

    def vectors(self, faces: NDArray[Any]) -> NDArray[np.float16]:
        return np.asarray(faces.reshape(len(faces), -1), np.float16)

    def packed(self, faces: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(faces.transpose(1, 0, 2), np.float32)  # (3, n, 256)

    def distances(self, face: NDArray[Any], packed: NDArray[Any]) -> NDArray[np.float32]:
        total = np.zeros(packed.shape[1], np.float32)
        for channel, row in zip(packed, face.astype(np.float32), strict=True):
            # Not a BLAS product, whose threads cost more than they save on so little work.
            total += np.sqrt(np.maximum(0, 1 - np.einsum("nb,b->n", channel, row)))
        return total


class PixelLikeness:
    """The sum of absolute differences over all pixels and channels of two thumbnails."""

    def vectors(self, faces: NDArray[Any]) -> NDArray[np.float16]:
        n, height, width, channels = faces.shape
        if n > EXACT and height % 2 == width % 2 == 0:  # neighbors at half the resolution are found at a quarter's cost
            halves = faces.reshape(n, height // 2, 2, width // 2, 2, channels)
            faces = halves.mean(axis=(2, 4), dtype=np.float32)
        return (faces.reshape(n, -1) / np.float32(255)).astype(np.float16)

    def packed(self, faces: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(faces.reshape(len(faces), math.prod(faces.shape[1:])))

    def distances(self, face: NDArray[Any], packed: NDArray[Any]) -> NDArray[np.float32]:
        # The nearest of one is that one: OpenCV's search among candidates is its fast sum of absolute differences.
        if len(packed) == 0:
            return np.empty(0, np.float32)
        found, _ = cv2.batchDistance(packed, face.reshape(1, -1), cv2.CV_32S, normType=cv2.NORM_L1, K=1)
        return np.asarray(found[:, 0], np.float32)
