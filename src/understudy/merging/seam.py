"""Move the edge of a mask to where the swapped face and the frame agree, so that there is little to see of it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from understudy.masks.feather import border_fade

_ANGLES = 120
_OFFSETS = 17  # places of the edge that are weighed against one another, for each angle
_AROUND = 20  # angles by which the contour is followed beyond its start, so that it closes
_SHARPNESS = 20.0  # By how much a place counts less for a unit of cost: the softer, the calmer over time.
_STIFFNESS = 0.1  # cost of a step between neighbouring angles, squared and in shares of the reach
_HOME = 0.04  # cost of the whole reach, squared: where nothing tells places apart, the edge stays


def follow_seam(
    mask: NDArray[np.float32],
    face: NDArray[np.float32],
    plate: NDArray[np.float32],
    *,
    centre: NDArray[np.float64],
    reach: float,
    strength: float,
) -> NDArray[np.float32]:
    """Shift the edge along the rays from the face's centre to a closed contour on which face and plate differ little.

    Every closed contour within the reach counts, the more the less it costs (differences along it, bends, and its
    distance from the old edge), and the edge goes to their mean: unlike the one best contour, that does not jump when
    two are about as good.

    Args:
        mask: (S, S), 0..1, feathered.
        face: (S, S, 3) RGB, as it will be laid over the plate.
        plate: (S, S, 3) RGB, the frame in the place of the crop.
        centre: (x, y) of the face in pixels.
        reach: pixels by which the edge may move in or out.
        strength: 0..1, the share of the way that it goes.

    Returns:
        (S, S) float32, 0..1; 0 on the border.
    """
    size = len(mask)
    if strength <= 0 or reach < 1 or not mask.any():
        return mask
    difference: NDArray[Any] = cv2.GaussianBlur(np.abs(face - plate).mean(axis=2), (0, 0), max(reach / 8, 0.8))
    away = np.arange(np.hypot(*np.maximum(centre, size - centre)), dtype=np.float32)
    seen = _along_rays(mask, centre, np.broadcast_to(away, (_ANGLES, len(away))), beyond=0.0)
    filled = np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    edge = filled.sum(axis=1) - np.float32(0.5)  # (angles,): where each ray leaves the mask
    offsets = np.linspace(-reach, reach, _OFFSETS, dtype=np.float32)
    cost = _along_rays(difference, centre, edge[:, None] + offsets, beyond=1.0)
    shift = np.float32(strength) * _mean_contour(cost, offsets / np.float32(reach)) * np.float32(reach)
    return _shifted(mask, shift, edge, centre, reach)


def _along_rays(
    image: NDArray[Any], centre: NDArray[np.float64], distances: NDArray[np.float32], *, beyond: float
) -> NDArray[Any]:
    """Values of an image at distances (angles, N) from the centre; `beyond` outside of it."""
    angle = np.arange(_ANGLES, dtype=np.float32)[:, None] * np.float32(2 * np.pi / _ANGLES)
    columns = np.float32(centre[0]) + distances * np.cos(angle)
    rows = np.float32(centre[1]) + distances * np.sin(angle)
    return cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=beyond)


def _mean_contour(cost: NDArray[Any], offsets: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean offset at each angle over all contours, weighted by exp(-cost): forward-backward along the ring."""
    weight = np.exp(-_SHARPNESS * (cost + _HOME * offsets**2)).astype(np.float64)
    ring = np.concatenate([weight[-_AROUND:], weight, weight[:_AROUND]])
    bend = np.exp(-_SHARPNESS * _STIFFNESS * (_OFFSETS - 1) * (offsets[:, None] - offsets) ** 2)
    forward, backward = np.empty_like(ring), np.empty_like(ring)
    passed = np.ones(_OFFSETS)
    for at, own in enumerate(ring):
        forward[at] = passed = own * (bend @ passed)
        passed = passed / passed.sum()
    passed = np.ones(_OFFSETS)
    for at in range(len(ring) - 1, -1, -1):
        backward[at] = passed
        passed = bend @ (ring[at] * passed)
        passed /= passed.sum()
    share = (forward * backward)[_AROUND:-_AROUND]
    mean: NDArray[np.float32] = ((share @ offsets) / share.sum(axis=1)).astype(np.float32)
    return mean


def _shifted(
    mask: NDArray[np.float32],
    shift: NDArray[np.float32],
    edge: NDArray[np.float32],
    centre: NDArray[np.float64],
    reach: float,
) -> NDArray[np.float32]:
    """The mask with its edge moved outwards by `shift` (angles,); what lies deep inside stays where it is."""
    place = np.arange(len(mask), dtype=np.float32)
    x, y = (place - np.float32(centre[0]))[None, :], (place - np.float32(centre[1]))[:, None]
    distance = np.maximum(np.hypot(x, y), np.float32(1e-3))
    angle = (np.arctan2(y, x) % (2 * np.pi)) * (_ANGLES / (2 * np.pi))
    around = np.arange(_ANGLES + 1)
    moved = np.interp(angle, around, np.append(shift, shift[0])).astype(np.float32)
    border = np.interp(angle, around, np.append(edge, edge[0])).astype(np.float32)
    # From a shift of nothing to the whole one over three reaches: the mask is stretched there, never folded.
    near = np.clip((distance - border) / np.float32(3 * reach) + np.float32(4 / 3), 0.0, 1.0)
    factor = 1 - moved * near / distance
    columns = (np.float32(centre[0]) + x * factor).astype(np.float32)
    rows = (np.float32(centre[1]) + y * factor).astype(np.float32)
    result = cv2.remap(mask, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return result * border_fade(len(mask), max(float(np.abs(shift).max()), 2.0))
