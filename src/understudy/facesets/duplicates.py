"""Faces that show nothing new: near-duplicates of a sharper one."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from understudy.facesets.faceset import Faceset
from understudy.project.errors import UnderstudyError
from understudy.project.progress import Progress, Silent

# Differences that count as one: in grey levels of the thumbnail's pixels, and in the units of the traits.
_LEVELS = 8.0
_SCALES = {
    "yaw": 0.05,
    "pitch": 0.05,
    "roll": 0.1,
    "mouth_open": 0.05,
    "eye_open": 0.05,
    "gaze_x": 0.15,
    "gaze_y": 0.15,
}
_BLOCK = 256
DEFAULT_THRESHOLD = 1.0


def find_duplicates(
    faceset: Faceset, *, threshold: float = DEFAULT_THRESHOLD, progress: Progress | None = None
) -> dict[str, str]:
    """Each face that resembles a sharper one which stays, and that one, by name.

    Faces are compared by their thumbnails and by what their landmarks say of direction, mouth, eyes and gaze. Every
    face that is left out lies within the threshold of one that stays, and no two that stay lie within it of each other.

    Args:
        threshold: difference up to which a face is a duplicate: 1 is one of 8 grey levels throughout, or of a twentieth
            of a radian, or of a twentieth of the nose's length between lids or lips.

    Raises:
        UnderstudyError: a threshold that is not above 0.
    """
    if not threshold > 0:
        raise UnderstudyError(f"a threshold of {threshold:g} finds no duplicates: choose more than 0")
    progress = progress or Silent()
    faceset.measure()
    found = faceset.columns("sharpness", "detail")
    order = np.lexsort((-found["detail"], -found["sharpness"]))  # the sharpest first
    keeper = _keepers(_vectors(faceset, order), threshold, progress)
    return {
        faceset.names[order[at]]: faceset.names[order[kept]] for at, kept in enumerate(keeper.tolist()) if kept != at
    }


def groups_of(duplicates: Mapping[str, str]) -> dict[str, list[str]]:
    """The faces that stay with their duplicates, the largest group first."""
    groups: dict[str, list[str]] = {}
    for name, kept in sorted(duplicates.items()):
        groups.setdefault(kept, []).append(name)
    return dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])))


def _vectors(faceset: Faceset, order: NDArray[np.intp]) -> NDArray[np.float32]:
    """(n, 16 * 16 * 3 + 7), scaled so that Euclidean distance is the difference; what is not known is in the middle."""
    pixels = faceset.index.pictures("thumbnail", [faceset.names[at] for at in order]).reshape(len(order), -1)
    found = faceset.columns(*_SCALES)
    vectors = np.empty((len(order), pixels.shape[1] + len(_SCALES)), np.float32)
    np.divide(pixels, np.float32(_LEVELS * np.sqrt(pixels.shape[1])), out=vectors[:, len(_SCALES) :])
    for at, (name, scale) in enumerate(_SCALES.items()):
        vectors[:, at] = np.nan_to_num(found[name][order] / scale, nan=0.0)
    return vectors


def _keepers(vectors: NDArray[np.float32], threshold: float, progress: Progress) -> NDArray[np.intp]:
    """(n,) the earlier face that stands for each, the nearest within the threshold of those that stay; else itself.

    The vectors are overwritten.
    """
    count = len(vectors)
    keeper, kept = np.arange(count), np.empty(count, np.intp)
    square = np.einsum("nd,nd->n", vectors, vectors)
    stay = 0  # those which stay are gathered in front, where nobody needs the former rows any more
    progress.begin("comparing faces", count)
    for start in range(0, count, _BLOCK):
        block = vectors[start : start + _BLOCK].copy()
        own = square[start : start + len(block)]
        nearest, gap = np.zeros(len(block), np.intp), np.full(len(block), np.inf, np.float32)
        if stay:
            apart = square[kept[:stay]] - 2 * block @ vectors[:stay].T + own[:, None]  # (b, stay), squared
            nearest = apart.argmin(axis=1)
            gap = apart[np.arange(len(block)), nearest]
        first = stay
        for at in range(len(block)):
            if stay > first:
                apart = np.sum((vectors[first:stay] - block[at]) ** 2, axis=1)
                if apart.min() < gap[at]:
                    nearest[at], gap[at] = first + apart.argmin(), apart.min()
            if gap[at] <= threshold**2:
                keeper[start + at] = kept[nearest[at]]
                continue
            vectors[stay], kept[stay] = block[at], start + at
            stay += 1
        progress.advance(len(block))
    return keeper
