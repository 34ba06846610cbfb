"""Where a track ends and another begins a little later that is the same face: it was lost for a moment."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from understudy.faces import Face
from understudy.faces.change import CutWatch
from understudy.facesets.face_file import FaceFile
from understudy.facesets.faceset import Faceset
from understudy.media import Frame

_SIGHTS = 4  # on either side of a gap, for the speed
_FARTHEST = 1.0  # between the sights on both sides, in sides of the face
_RESIZED = 1.5


@dataclass(frozen=True)
class Gap:
    """A face that was lost and came back.

    Attributes:
        before: files of its last sights, in rising order of frames.
        after: files of the first sights when it was back.
    """

    before: list[FaceFile]
    after: list[FaceFile]

    @property
    def frames(self) -> range:
        return range(self.before[-1].frame + 1, self.after[0].frame)

    @property
    def leap(self) -> float:
        """How far apart the two sights are, in sides of the face; infinite where they cannot be the same."""
        (x, y, side), (x2, y2, side2) = _place(self.before[-1].metadata.face()), _place(self.after[0].metadata.face())
        if max(side, side2) > _RESIZED * min(side, side2):
            return float("inf")
        return float(np.hypot(x2 - x, y2 - y)) / max(side, side2)


def find_gaps(faceset: Faceset, longest: int) -> list[Gap]:
    """Pairs of a track that ends and one that begins near by, at most `longest` frames between, in rising order.

    Faces that were placed in a gap are no sights: a filled gap is still one.
    """
    columns = faceset.columns("frame", "track", "interpolated")
    rows = zip(faceset.names, *(column.astype(int).tolist() for column in columns.values()), strict=True)
    tracks: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for name, frame, track, made in rows:
        if track >= 0 and not made:
            tracks[track].append((frame, name))
    begins = sorted((min(track)[0], number) for number, track in tracks.items())

    def read(track: int, *, end: bool) -> list[FaceFile]:
        sorted_sights = sorted(tracks[track])
        edge = sorted_sights[-1 if end else 0][0]
        return [faceset[name] for frame, name in sorted_sights if abs(frame - edge) < _SIGHTS]

    candidates = []
    for number, places in tracks.items():
        last = max(places)[0]
        near = begins[bisect_left(begins, (last + 2, -1)) : bisect_left(begins, (last + longest + 2, -1))]
        for _, other in near:
            gap = Gap(read(number, end=True), read(other, end=False))
            if gap.leap <= _FARTHEST:
                candidates.append((len(gap.frames), gap.leap, number, other, gap))
    chosen: list[Gap] = []
    lost, found = set(), set()
    for _, _, number, other, gap in sorted(candidates, key=lambda candidate: candidate[:4]):
        if number not in lost and other not in found:
            chosen.append(gap)
            lost.add(number)
            found.add(other)
    return sorted(chosen, key=lambda gap: gap.frames.start)


def _place(face: Face) -> tuple[float, float, float]:
    """Middle and side of a face's box."""
    left, top, right, bottom = face.box.astype(float)
    return (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top, 1.0)


def holds_cut(frames: Sequence[Frame]) -> bool:
    """Whether a cut lies between any of these consecutive frames."""
    is_cut = CutWatch()
    cuts = [is_cut(frame.eight_bit()) for frame in frames]
    return any(cuts[1:])
