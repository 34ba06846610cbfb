"""The embedder that needs no network: the gradients of the face, brought to the front view."""

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.faces.align import transform, warp
from understudy.faces.template import MEAN_FACE
from understudy.faces.umeyama import umeyama

_SIDE = 96
_NODES = 24  # a side, of the warp; between them it is linear
_CELLS = 8  # a side
_DIRECTIONS = 8
_STABLE = 0.4  # mean gradients of a cell: what is flatter than that is noise
_FRONT = MEAN_FACE * (0.72 * _SIDE) + (0.14 * _SIDE, 0.2 * _SIDE)  # (51, 2), where the landmarks are brought to
_FRAME = np.array([(x, y) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0) if (x, y) != (0.5, 0.5)]) * (_SIDE - 1)


class FrontalHog:
    """Histograms of oriented gradients (Dalal and Triggs, CVPR 2005) of a face that has been warped to the mean face.

    It tells people apart who were filmed alike: within a shoot. It knows nothing of who people are: in other light, at
    another age or with other hair one person is two to it.
    """

    name = "frontal-hog-1"
    threshold = 0.5

    def embed(self, image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
        """The vector (512,); see `Embedder`."""
        grey: NDArray[Any] = cv2.cvtColor(frontal_view(image, landmarks), cv2.COLOR_RGB2GRAY)
        smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
        x, y = (cv2.Sobel(smooth, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
        strength, angle = np.hypot(x, y), np.arctan2(y, x) * (_DIRECTIONS / (2 * np.pi)) % _DIRECTIONS
        # Each gradient counts for the two directions that it lies between.
        off = np.abs(angle[..., None] - np.arange(_DIRECTIONS))  # (S, S, 8)
        share = np.maximum(0, 1 - np.minimum(off, _DIRECTIONS - off))
        side = _SIDE // _CELLS
        cells = (share * strength[..., None]).reshape(_CELLS, side, _CELLS, side, _DIRECTIONS).mean(axis=(1, 3))
        norm = np.linalg.norm(cells, axis=2, keepdims=True)
        found = np.sqrt(cells / (norm + _STABLE * cells.mean() + 1e-6)).ravel()
        return np.asarray(found / max(float(np.linalg.norm(found)), 1e-12), np.float32)


def frontal_view(image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The face (96, 96, 3) with brows, nose, eyes and mouth where the mean face has them."""
    similarity = umeyama(landmarks[17:], _FRONT)
    upright = np.asarray(warp(image, similarity, _SIDE), np.uint8)
    places = np.vstack([transform(landmarks[17:], similarity), _FRAME])
    coarse = (_spline() @ places).astype(np.float32).reshape(_NODES, _NODES, 2)
    sources: NDArray[Any] = cv2.resize(coarse, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
    return np.asarray(
        cv2.remap(upright, sources[..., 0], sources[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


@cache
def _spline() -> NDArray[np.float64]:
    """(24 * 24, 59): where each 4x4 pixels of the view come from, in shares of where its landmarks and its frame do.

    The thin-plate spline through points is linear in their values (Bookstein, IEEE Trans. PAMI 11(6), 1989).
    """
    knots = np.vstack([_FRONT, _FRAME])
    count = len(knots)
    affine = np.hstack([np.ones((count, 1)), knots])
    system = np.block([[_bending(knots, knots), affine], [affine.T, np.zeros((3, 3))]])
    weights = np.linalg.solve(system, np.vstack([np.eye(count), np.zeros((3, count))]))
    y, x = np.divmod(np.arange(_NODES * _NODES, dtype=np.float64), _NODES)
    nodes = (np.stack([x, y], axis=1) + 0.5) * (_SIDE / _NODES) - 0.5
    return np.asarray(np.hstack([_bending(nodes, knots), np.ones((len(nodes), 1)), nodes]) @ weights)


def _bending(points: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = np.sum((points[:, None] - knots) ** 2, axis=2)
    return np.asarray(squared * np.log(np.maximum(squared, 1e-12)))
