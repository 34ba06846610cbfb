"""Faces sorted into persons, by how near their embeddings lie."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

_MOST_CORES = 4096  # groups of nearly equal faces that are compared all with all
_RADII = (0.5, 0.7, 1.0)  # of a core, in thresholds: larger where there would be too many
_BLOCK = 512
_SMOOTH = 0.8  # thresholds between two consecutive faces of a track that show one person for certain
_APART = 1.25  # thresholds between groups that a track may still join
_FEW = 5  # faces: a group as small is given to the person of its track, if its track has one


def group_persons(
    embeddings: NDArray[np.float32], threshold: float, tracks: Sequence[Hashable | None] = ()
) -> NDArray[np.intp]:
    """Sort faces into persons.

    Nearly equal faces form cores, so that a hundred thousand take seconds. Cores are joined while the root mean square
    distance between all faces of two groups is below the threshold: average linkage (Sokal and Michener, 1958), which a
    few faces that resemble another person do not mislead. Groups of occluded or blurred faces follow their track.
    Equal input gives equal output.

    Args:
        embeddings: (n, d) of unit length.
        threshold: distance up to which groups of faces are one person.
        tracks: the track of each face, None where it has none; empty: nobody has. The faces of a track come in the
            order of time.

    Returns:
        (n,) from 0, the person of whom there are the most faces.
    """
    count = len(embeddings)
    if count == 0:
        return np.empty(0, np.intp)
    core = next(found for scale in _RADII if (found := _cores(embeddings, scale * threshold, scale == 1)) is not None)
    size = int(core.max()) + 1
    sums = np.zeros((size, embeddings.shape[1]), np.float32)
    np.add.at(sums, core[core >= 0], embeddings[core >= 0])
    person = _join(sums, np.bincount(core[core >= 0], minlength=size), 1 - threshold**2 / 2)[core]
    person[core < 0] = size + np.arange(np.count_nonzero(core < 0))
    if tracks:
        person = _follow_tracks(person, embeddings, tracks, threshold)
    found, first, label = np.unique(person, return_index=True, return_inverse=True)
    order = np.lexsort((first, -np.bincount(label)))  # the largest first; of equals the one that is seen first
    number = np.empty(len(found), np.intp)
    number[order] = np.arange(len(found))
    return number[label]


def _cores(embeddings: NDArray[np.float32], radius: float, anyway: bool) -> NDArray[np.intp] | None:
    """(n,) the core of each face: that of the nearest leader within the radius; who has none near leads a new core.

    Where there would be too many: None, or -1 for those who are left over.
    """
    alike = 1 - radius**2 / 2
    leaders = np.empty((_MOST_CORES, embeddings.shape[1]), np.float32)
    core = np.empty(len(embeddings), np.intp)
    led = 0
    for start in range(0, len(embeddings), _BLOCK):
        block = embeddings[start : start + _BLOCK]
        likeness = block @ leaders[:led].T  # (b, led)
        nearest = likeness.argmax(axis=1) if led else np.zeros(len(block), np.intp)
        near = likeness[np.arange(len(block)), nearest] >= alike if led else np.zeros(len(block), bool)
        core[start : start + len(block)] = nearest
        known = led
        for at in np.flatnonzero(~near):
            fresh = leaders[known:led] @ block[at]
            if len(fresh) and fresh.max() >= alike:
                core[start + at] = known + fresh.argmax()
                continue
            if led == _MOST_CORES and not anyway:
                return None
            if led == _MOST_CORES:
                core[start + at] = -1
                continue
            leaders[led], core[start + at] = block[at], led
            led += 1
    return core


def _join(sums: NDArray[np.float32], sizes: NDArray[np.intp], alike: float) -> NDArray[np.intp]:
    """(m,) the group of each core, when those whose mean cosine is highest are joined until none exceeds `alike`.

    The mean cosine of all pairs of two groups is the scalar product of their sums over the product of their sizes.
    """
    sums, weight = sums.copy(), sizes.astype(np.float32)
    group = np.arange(len(sums))
    cosine = sums @ sums.T / (weight[:, None] * weight)
    np.fill_diagonal(cosine, -np.inf)
    nearest = cosine.argmax(axis=1)
    best = cosine[np.arange(len(sums)), nearest]
    while True:
        one = int(best.argmax())
        other = int(nearest[one])
        if best[one] < alike or len(sums) == 1:
            return group
        group[group == other] = one
        sums[one] += sums[other]
        weight[one] += weight[other]
        gone = ~np.isfinite(best)
        cosine[other] = cosine[:, other] = best[other] = -np.inf
        row = sums @ sums[one] / (weight * weight[one])
        row[gone] = row[one] = row[other] = -np.inf
        cosine[one] = cosine[:, one] = row
        stale = np.flatnonzero(((nearest == one) | (nearest == other)) & np.isfinite(best))
        closer = row > best
        nearest[closer], best[closer] = one, row[closer]
        for at in {one, *stale.tolist()}:
            nearest[at] = cosine[at].argmax()
            best[at] = cosine[at, nearest[at]]


def _follow_tracks(
    person: NDArray[np.intp], embeddings: NDArray[np.float32], tracks: Sequence[Hashable | None], threshold: float
) -> NDArray[np.intp]:
    """The same with groups joined into which a track passes smoothly, as when a hand comes before the face.

    Groups far from each other are not joined: a track may run on over a cut. What is in no group to speak of is
    given to the person whom most of its track shows.
    """
    found, label = np.unique(person, return_inverse=True)
    links: set[tuple[int, int]] = set()
    last: dict[Hashable, int] = {}
    for at, track in enumerate(tracks):
        before = None if track is None else last.get(track)
        if track is not None:
            last[track] = at
        if before is not None and label[before] != label[at]:
            step = float(np.linalg.norm(embeddings[before] - embeddings[at]))
            if step <= _SMOOTH * threshold:
                links.add((min(label[before], label[at]), max(label[before], label[at])))
    joined = np.arange(len(found))
    for one, other in sorted(links):
        cosine = embeddings[label == one].mean(axis=0) @ embeddings[label == other].mean(axis=0)
        if cosine >= 1 - (_APART * threshold) ** 2 / 2:
            joined[joined == joined[other]] = joined[one]
    label = joined[label]
    size = np.bincount(label)
    shown: defaultdict[Hashable, Counter[int]] = defaultdict(Counter)
    for who, track in zip(label.tolist(), tracks, strict=True):
        if track is not None and size[who] > _FEW:
            shown[track][who] += 1
    followed = label.copy()
    for at in np.flatnonzero(size[label] <= _FEW).tolist():
        if here := shown.get(tracks[at]):
            followed[at] = here.most_common(1)[0][0]
    return followed
