"""How different two pictures look: distance between deep features.

Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", 2018 (LPIPS). With the two
optional model files `alexnet` and `lpips-alexnet` in the cache this is LPIPS v0.1 on AlexNet. Without them the same
formula runs on the features of the face mesh, which is always there: such numbers order pictures and cannot be
compared with published LPIPS.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from understudy import zoo

Floats = NDArray[np.floating[Any]]
Image = NDArray[np.uint8]
PerceptualBackend = Literal["lpips-alexnet", "face-mesh-features"]

_TINY = 1e-10


@dataclass(frozen=True, eq=False)
class _Layer:
    """Features (h, w, C) of one layer, and what a unit of squared difference weighs in each channel (C,)."""

    features: Floats
    weights: Floats


class _Network(Protocol):
    def layers(self, image: Image) -> tuple[Sequence[_Layer], tuple[int, int]]:
        """Features of an (H, W, 3) image, and the height and width that their grids stand for (padding included)."""


@cache  # to verify a file is to read it whole
def perceptual_backend() -> PerceptualBackend:
    """The feature network that `perceptual_distance` uses here: what the cache of model files holds decides."""
    genuine = zoo.path("alexnet") is not None and zoo.path("lpips-alexnet") is not None
    return "lpips-alexnet" if genuine else "face-mesh-features"


def perceptual_distance(
    a: Image, b: Image, mask: Floats | None = None, *, backend: PerceptualBackend | None = None
) -> float:
    """Perceptual distance of two pictures: 0 for equal ones, larger for those that look less alike.

    Features are scaled to unit length at every place, their squared differences weighted by channel, averaged over
    the masked area at each layer's resolution, and added up over the layers.

    Args:
        a: (H, W, 3) uint8 RGB.
        b: of the same shape.
        mask: (H, W) in 0..1, what counts; None: everything.
        backend: the feature network; None: `perceptual_backend()`.

    Raises:
        ValueError: shapes differ, or the mask is empty.
        UnderstudyError: the network's file cannot be fetched.
    """
    weight = np.ones(a.shape[:2], np.float32) if mask is None else mask
    if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 3 or weight.shape != a.shape[:2]:
        raise ValueError(f"pictures and mask differ in shape: {a.shape}, {b.shape}, {weight.shape}")
    if not weight.any():
        raise ValueError("the mask is empty")
    network = _network(backend or perceptual_backend())
    (ours, extent), (theirs, _) = network.layers(a), network.layers(b)
    padding = [(0, long - short) for long, short in zip(extent, weight.shape, strict=True)]
    weight = np.pad(np.asarray(weight, np.float32), padding)
    return float(sum(_layer_distance(one, other, weight) for one, other in zip(ours, theirs, strict=True)))


def _layer_distance(a: _Layer, b: _Layer, weight: Floats) -> float:
    distance = np.square(_unit(a.features) - _unit(b.features)) @ a.weights  # (h, w)
    share = cv2.resize(weight, distance.shape[::-1], interpolation=cv2.INTER_AREA)
    return float((distance * share).sum() / share.sum())


def _unit(features: Floats) -> Floats:
    return np.asarray(features / (np.linalg.norm(features, axis=2, keepdims=True) + _TINY))


@cache
def _network(backend: PerceptualBackend) -> _Network:
    return _AlexNet() if backend == "lpips-alexnet" else _FaceMeshFeatures()


class _AlexNet:
    """The five rectified layers of AlexNet (Krizhevsky et al., 2012), as LPIPS v0.1 reads and weighs them."""

    _CONVOLUTIONS = ((0, 4, 2), (3, 1, 2), (6, 1, 1), (8, 1, 1), (10, 1, 1))  # number in the file, stride, padding
    _POOLED = (3, 6)  # before these convolutions
    _SMALLEST = 63  # pixels, below which nothing is left to pool

    def __init__(self) -> None:
        weights = torch.load(zoo.fetch("alexnet"), map_location="cpu", weights_only=True)
        heads = torch.load(zoo.fetch("lpips-alexnet"), map_location="cpu", weights_only=True)
        self._filters = [
            (weights[f"features.{number}.weight"], weights[f"features.{number}.bias"], stride, padding, number)
            for number, stride, padding in self._CONVOLUTIONS
        ]
        self._heads = [heads[f"lin{k}.model.1.weight"].flatten().numpy() for k in range(len(self._CONVOLUTIONS))]
        self._mean = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)  # of LPIPS, for pictures in -1..1
        self._deviation = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)

    @torch.inference_mode()
    def layers(self, image: Image) -> tuple[Sequence[_Layer], tuple[int, int]]:
        padded = _padded(image, multiple=1, least=self._SMALLEST)
        x = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 127.5 - 1  # (1, 3, H, W)
        x = (x - self._mean) / self._deviation
        layers = []
        for (weight, bias, stride, padding, number), head in zip(self._filters, self._heads, strict=True):
            if number in self._POOLED:
                x = F.max_pool2d(x, 3, 2)
            x = F.relu(F.conv2d(x, weight, bias, stride, padding))
            layers.append(_Layer(x[0].permute(1, 2, 0).numpy(), head))
        return layers, padded.shape[:2]


class _FaceMeshFeatures:
    """The last activation of each of the face mesh's five resolutions, halves to thirty-seconds of the picture's."""

    _TENSORS = ("p_re_lu_3", "p_re_lu_6", "p_re_lu_9", "p_re_lu_12", "p_re_lu_15")
    _MULTIPLE, _SMALLEST = 64, 192  # of the sides that the network takes

    def __init__(self) -> None:
        self._path = zoo.fetch("face-mesh")
        self._runner = lru_cache(maxsize=4)(self._of_shape)
        self._lock = threading.Lock()  # a runner serves one thread at a time

    def _of_shape(self, height: int, width: int) -> zoo.LiteRtRunner:
        return zoo.LiteRtRunner(self._path, shape=(1, height, width, 3), inner=self._TENSORS)

    def layers(self, image: Image) -> tuple[Sequence[_Layer], tuple[int, int]]:
        padded = _padded(image, multiple=self._MULTIPLE, least=self._SMALLEST)
        with self._lock:
            tensors = self._runner(*padded.shape[:2])((padded.astype(np.float32) / 255)[None])
        return [_Layer(t[0], np.full(t.shape[-1], 1 / len(tensors), np.float32)) for t in tensors], padded.shape[:2]


def _padded(image: Image, *, multiple: int, least: int) -> Image:
    """The picture with its edge repeated to the right and below, up to the next size that a network takes."""
    height, width = (max(least, -(-side // multiple) * multiple) for side in image.shape[:2])
    below, right = height - image.shape[0], width - image.shape[1]
    return np.asarray(cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
