"""How a merge is divided into parts: pieces of footage that are rendered, kept and replaced as a whole."""

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

LONGEST = 120
"""Frames; what a killed merge loses at most, and what a changed keyframe renders anew at least."""


def divide(frame_count: int, cuts: Iterable[int], *, within: range | None = None) -> list[range]:
    """Parts that follow each other, none longer than `LONGEST` and none across a cut.

    Where a part ends does not depend on `within`, but for its own ends, so that a range and the whole share parts.

    Args:
        frame_count: of the footage.
        cuts: indices of the frames that begin a shot or a clip.
        within: the frames to be rendered; all when None.
    """
    wanted = within or range(frame_count)
    bounds = sorted({0, frame_count, *(cut for cut in cuts if 0 < cut < frame_count)})
    lines = {wanted.start, wanted.stop}
    for first, stop in pairwise(bounds):
        pieces = -(-(stop - first) // LONGEST)
        lines.update(first + (stop - first) * piece // pieces for piece in range(pieces + 1))
    ordered = sorted(line for line in lines if wanted.start <= line <= wanted.stop)
    return [range(first, stop) for first, stop in pairwise(ordered)]


def runs(parts: Iterable[range], missing: Collection[range]) -> Iterator[list[range]]:
    """The missing parts, those that touch each other together: they are rendered in one go."""
    run: list[range] = []
    for part in parts:
        if part in missing:
            run.append(part)
        elif run:
            yield run
            run = []
    if run:
        yield run
