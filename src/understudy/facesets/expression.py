"""What a face does, from its landmarks and the pixels of its eyes: mouth, lids, gaze."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

_EYES = ((36, 37, 38, 39, 40, 41), (42, 43, 44, 45, 46, 47))
_INNER_LIPS = ((61, 67), (62, 66), (63, 65))
_LIDS = ((37, 41), (38, 40), (43, 47), (44, 46))
_NOSE = (27, 33)  # root and base: a length that no expression changes and that pitch shortens as it does the lids' gap
_PATCH = (48, 24)  # pixels of the straightened eye: wide, high
_SHARE_OF_IRIS = 0.25  # of an open eye's area


def mouth_open(landmarks: ArrayLike) -> float:
    """Gap between the lips, in lengths of the nose; (68, 2) landmarks in any coordinates."""
    return _gap(np.asarray(landmarks, np.float64), _INNER_LIPS)


def eye_open(landmarks: ArrayLike) -> float:
    """Gap between the lids, in lengths of the nose; (68, 2) landmarks in any coordinates."""
    return _gap(np.asarray(landmarks, np.float64), _LIDS)


def gaze(grey: NDArray[np.uint8], landmarks: ArrayLike) -> tuple[float, float]:
    """Where the irises stand in the eyes: the centre of the darkest quarter of each eye, averaged over both.

    The 68 landmarks do not mark the iris, so this is a measure to compare faces by, and no angle.

    Args:
        grey: (H, W).
        landmarks: (68, 2) in its pixels.

    Returns:
        x and y in half widths of the eye from its middle; x > 0: towards the image's right edge; y > 0: up.
        Not a number where no eye is open enough.
    """
    points = np.asarray(landmarks, np.float64)
    found = [place for eye in _EYES if (place := _iris(grey, points[list(eye)])) is not None]
    if not found:
        return float("nan"), float("nan")
    x, y = np.mean(found, axis=0)
    return float(x), float(y)


def _gap(points: NDArray[np.float64], pairs: tuple[tuple[int, int], ...]) -> float:
    nose = float(np.linalg.norm(points[_NOSE[0]] - points[_NOSE[1]]))
    gaps = [np.linalg.norm(points[a] - points[b]) for a, b in pairs]
    return float(np.mean(gaps)) / max(nose, 1e-6)


def _iris(grey: NDArray[np.uint8], eye: NDArray[np.float64]) -> tuple[float, float] | None:
    """Middle of the iris in half widths of the eye, or None where it is shut or lies outside of the picture."""
    width, height = _PATCH
    across = eye[3] - eye[0]
    span = float(np.hypot(*across))
    if not 4.0 < span < 4 * max(grey.shape):
        return None
    # A similarity that takes the corners to the middles of the patch's sides.
    unit = across / span * (width / span)
    matrix = np.array([[unit[0], unit[1], 0.0], [-unit[1], unit[0], 0.0]])
    matrix[:, 2] = (0.0, height / 2) - matrix[:, :2] @ eye[0]
    patch = cv2.warpAffine(grey, matrix, _PATCH, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outline = eye @ matrix[:, :2].T + matrix[:, 2]
    inside: NDArray[Any] = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(np.clip(outline, -width, 2 * width)).astype(np.int32), 1)
    inside[:, : width // 8] = inside[:, -width // 8 :] = 0  # the corners are dark whatever the iris does
    shown = inside.astype(bool)
    if shown.sum() < width:
        return None
    dark = shown & (patch <= np.quantile(patch[shown], _SHARE_OF_IRIS))
    y, x = np.nonzero(dark)
    return (x.mean() + 0.5) / (width / 2) - 1.0, (height / 2 - y.mean() - 0.5) / (width / 2)
