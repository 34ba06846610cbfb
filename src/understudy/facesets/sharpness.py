"""How sharp a picture is, and how much fine detail it has."""

import cv2
import numpy as np
from numpy.typing import NDArray

_BLOCK = 64
_MIN_EDGE_SHARE = 0.002
_LOW_CONTRAST = 50
_NARROW = {
    False: 3,
    True: 5,
}  # pixels an edge may be wide and still look sharp, by whether its block is of low contrast
_CANNY_SCALE = 16  # fixed point of the gradients that the edge finder takes
_CANNY_THRESHOLDS = (0.1, 0.2)


def sharpness(grey: NDArray[np.uint8], inside: NDArray[np.bool_] | None = None) -> float:
    """Share of the vertical edges that the eye sees as sharp: the cumulative probability of blur detection.

    Narvekar and Karam, IEEE Trans. Image Processing 20(9), 2011. Edge widths are whole pixels, so that counting the
    edges no wider than the just noticeable width is the metric's exact value, without its exponentials.

    Args:
        grey: (H, W).
        inside: (H, W) pixels whose edges count; None: all.

    Returns:
        0..1; 0 where no edge can be measured. Grows with sharpness, and depends on the size of the crop: compare
        pictures of one size.
    """
    edges = _vertical_edges(grey.astype(np.float32))
    edges[:, [0, -1]] = edges[[0, -1], :] = False
    if inside is not None:
        edges &= inside
    direction = _horizontal_direction(grey)
    y, x = np.nonzero(edges & (direction != 0))
    blocks = _blocks(grey)
    within = (y // _BLOCK < blocks.shape[0]) & (x // _BLOCK < blocks.shape[1])
    y, x = y[within], x[within]
    limit = blocks[y // _BLOCK, x // _BLOCK]
    y, x, limit = y[limit > 0], x[limit > 0], limit[limit > 0]
    if len(x) == 0:
        return 0.0
    rising = direction[y, x]
    width = _run(grey, y, x, -1, -rising) + _run(grey, y, x, 1, rising)
    return float(np.mean(width <= limit))


def detail(grey: NDArray[np.uint8], inside: NDArray[np.bool_] | None = None) -> float:
    """Variance of the Laplacian of aperture 11: falls with blur of any direction, long after `sharpness` reached 0.

    Args:
        grey: (H, W).
        inside: (H, W) pixels that count; None: all.
    """
    laplacian = cv2.Laplacian(grey, cv2.CV_64F, ksize=11)
    return float(np.var(laplacian if inside is None else laplacian[inside])) if inside is None or inside.any() else 0.0


def _vertical_edges(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Thinned maxima of the squared horizontal gradient."""
    strength = np.square(cv2.Sobel(grey, cv2.CV_32F, 1, 0, borderType=cv2.BORDER_REFLECT) / 8)
    strength[strength <= 2 * np.sqrt(strength.mean(dtype=np.float64))] = 0
    padded = np.pad(strength, 1)
    across = (strength > padded[1:-1, :-2]) & (strength > padded[1:-1, 2:])
    along = (strength > padded[:-2, 1:-1]) & (strength > padded[2:, 1:-1])
    return across | along


def _horizontal_direction(grey: NDArray[np.uint8]) -> NDArray[np.int8]:
    """1 where brightness grows to the right, -1 to the left, 0 where it grows rather up or down (or not at all)."""
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, *order, ksize=1) for order in ((1, 0), (0, 1)))
    level = np.abs(dy) < np.float32(np.tan(np.pi / 8)) * np.abs(dx)
    signs: NDArray[np.int8] = (np.sign(dx) * level).astype(np.int8)
    return signs


def _run(
    grey: NDArray[np.uint8], y: NDArray[np.intp], x: NDArray[np.intp], step: int, sign: NDArray[np.int8]
) -> NDArray[np.int64]:
    """For how many pixels an edge goes on to one side, from 1 to 5: longer ones are too wide in any case.

    The pixels at distances 1 and 2, 2 and 3, ... are compared until a pair does not go on in the edge's direction.
    """
    longest = max(_NARROW.values())
    padded = np.pad(grey.astype(np.int16), ((0, 0), (longest + 1, longest + 1)))
    at = x + longest + 1
    width = grey.shape[1]
    count = np.ones(len(x), np.int64)
    going = np.ones(len(x), bool)
    for distance in range(1, longest):
        further = x + (distance + 1) * step
        rise = padded[y, at + (distance + 1) * step] - padded[y, at + distance * step]
        going &= (further >= 0) & (further < width) & (rise * sign > 0)
        count += going
    return count


def _blocks(grey: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(H // 64, W // 64): the width that an edge may have in each block; 0 where a block has too few edges."""
    rows, columns = grey.shape[0] // _BLOCK, grey.shape[1] // _BLOCK
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    across, down = (
        np.rint(cv2.Sobel(smooth, cv2.CV_32F, *order) * _CANNY_SCALE).astype(np.int16) for order in ((1, 0), (0, 1))
    )
    low, high = (threshold * _CANNY_SCALE for threshold in _CANNY_THRESHOLDS)
    edges = cv2.Canny(across, down, low, high, L2gradient=True) > 0

    def tiled(image: NDArray[np.generic]) -> NDArray[np.generic]:
        return image[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)

    busy = tiled(edges).mean(axis=(1, 3)) > _MIN_EDGE_SHARE
    flat = np.ptp(tiled(grey.astype(np.int16)), axis=(1, 3)) <= _LOW_CONTRAST
    return np.where(busy, np.where(flat, _NARROW[True], _NARROW[False]), 0)
