"""The embedder of OpenCV's model collection."""

import numpy as np
from numpy.typing import NDArray

from understudy import zoo
from understudy.faces.align import warp
from understudy.faces.umeyama import umeyama

_SIDE = 112
# Where the network expects both eyes, the tip of the nose and the corners of the mouth, (x, y).
_PLACES = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)])


class SFace:
    """A MobileFaceNet trained with the sigmoid-constrained hypersphere loss (Zhong et al., IEEE Trans. Image
    Processing 30, 2021), run by ONNX Runtime. Its authors' threshold is a cosine of 0.363."""

    name = "sface-2021dec"
    threshold = 1.128

    def __init__(self) -> None:
        self._network = zoo.OnnxRunner(zoo.fetch("sface"), threads=1)

    def embed(self, image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
        """The vector (128,); see `Embedder`."""
        chip = sface_chip(image, landmarks).astype(np.float32)
        (found,) = self._network(chip.transpose(2, 0, 1)[None])  # (1, 3, 112, 112) RGB 0..255 to (1, 128)
        return np.asarray(found[0] / max(float(np.linalg.norm(found[0])), 1e-12), np.float32)


def sface_chip(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The face (112, 112, 3) as the network expects it."""
    eyes = landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0)
    points = np.stack([*eyes, landmarks[30], landmarks[48], landmarks[54]])
    return np.asarray(warp(image, umeyama(points, _PLACES), _SIDE), np.uint8)
