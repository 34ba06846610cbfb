"""Faces for frames in which a face was lost for a moment."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from understudy.faces import Face
from understudy.faces.change import CutWatch
from understudy.faces.interpolation import interpolate_faces
from understudy.facesets.face_file import FaceFile
from understudy.facesets.face_writer import FaceWriter, free_face_name
from understudy.facesets.faceset import Faceset
from understudy.media import Frame
from understudy.project import Progress

_SIGHTS = 4  # on either side of a gap, for the speed
_FARTHEST = 1.0  # between the sights on both sides, in sides of the face
_RESIZED = 1.5


@dataclass(frozen=True)
class _Gap:
    """A face that was lost after `before` and came back with `after`: files, in rising order of frames."""

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


def fill_gaps(writer: FaceWriter, longest: int, progress: Progress) -> int:
    """Place faces in frames in which a face was lost for at most `longest` frames; how many there are now.

    A face that is lost and one that is found a little later, near by and in the same shot, are taken for one. Its
    frames between get faces that say that they are interpolated. Filling twice fills no more.
    """
    faceset = Faceset(writer.folder)
    columns = faceset.columns("frame", "track", "interpolated")
    rows = list(zip(faceset.names, *(column.astype(int).tolist() for column in columns.values()), strict=True))
    done = {(frame, track) for _, frame, track, made in rows if made}
    seen = {frame for _, frame, _, made in rows if not made}
    gaps = _find_gaps(faceset, [(name, frame, track) for name, frame, track, made in rows if not made], longest)
    taken = set(faceset.names)
    progress.begin(f"fill gaps {writer.side}", len(gaps))
    for gap in gaps:
        progress.advance(1)
        track = gap.before[-1].metadata.track
        lacking = [index for index in gap.frames if (index, track) not in done]
        frames = list(writer.source.frames(gap.frames.start - 1, gap.frames.stop + 1)) if lacking else []
        if not frames or _is_cut(frames):
            continue
        before, after = (
            [(file.metadata.source.time, file.metadata.face()) for file in side] for side in (gap.before, gap.after)
        )
        faces = interpolate_faces(before, after, [float(frame.time) for frame in frames[1:-1]])
        for frame, face in zip(frames[1:-1], faces, strict=True):
            if (frame.index, track) not in done:
                name = free_face_name(frame.index, writer.suffix, taken)
                taken.add(name)
                writer.write_face(frame, face, name)
                if frame.index not in seen:
                    writer.draw(frame, [face])
                done.add((frame.index, track))
    return len(done)


def _find_gaps(faceset: Faceset, sights: list[tuple[str, int, int]], longest: int) -> list[_Gap]:
    """Pairs of a track that ends and one that begins, the shortest gaps and the nearest faces first."""
    tracks: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for name, frame, track in sights:
        if track >= 0:
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
            gap = _Gap(read(number, end=True), read(other, end=False))
            if gap.leap <= _FARTHEST:
                candidates.append((len(gap.frames), gap.leap, number, other, gap))
    chosen: list[_Gap] = []
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


def _is_cut(frames: Sequence[Frame]) -> bool:
    is_cut = CutWatch()
    cuts = [is_cut(frame.eight_bit()) for frame in frames]
    return any(cuts[1:])
