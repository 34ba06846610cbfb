"""Gaps in which a face was lost for a moment, and which the merge bridges."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.facesets import Faceset
from understudy.facesets.extract_record import ExtractRecord
from understudy.facesets.gaps import Gap, find_gaps, holds_cut
from understudy.media import FrameSource
from understudy.project import Progress, UnderstudyError

_TOLD = 5.0  # seconds: a face that was lost for longer has left


@dataclass(frozen=True, eq=False)
class Bridge:
    """A gap whose two tracks are taken for one.

    Attributes:
        gap: what was lost and found.
        frames: those in which the face is to be placed; none where the extraction has filled the gap.
    """

    gap: Gap
    frames: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Bridges:
    """What becomes of the gaps.

    Attributes:
        bridges: gaps that are bridged.
        open: gaps that are too long for it, in which the footage is seen.
    """

    bridges: tuple[Bridge, ...] = ()
    open: tuple[Gap, ...] = ()

    @classmethod
    def find(
        cls, faceset: Faceset, source: FrameSource, record: ExtractRecord | None, seconds: float, progress: Progress
    ) -> "Bridges":
        """Look through the gaps of a faceset.

        A face is placed only where none was found. Where the extraction found one, or placed one, and its file is gone,
        somebody has deleted it, and the footage stays as it is; without a record of the extraction that cannot be told
        and nothing is placed.

        Args:
            source: the clips that the faces come from.
            record: of their extraction.
            seconds: length of the longest gap that is bridged.

        Raises:
            UnderstudyError: a frame cannot be read.
        """
        rate = float(source.info.rate)
        longest = int(seconds * rate)
        gaps = find_gaps(faceset, max(longest, int(_TOLD * rate)))
        columns = faceset.columns("frame", "track", "interpolated")
        rows = list(zip(*(column.astype(int).tolist() for column in columns.values()), strict=True))
        placed = {(frame, track) for frame, track, made in rows if made}
        found = Counter(frame for frame, _, made in rows if not made)
        deleted = set() if record is None else record.lacking(found)
        bridges, left = [], []
        progress.begin("bridging gaps", len(gaps))
        for gap in gaps:
            progress.advance(1)
            track = gap.before[-1].metadata.track
            lacking = [frame for frame in gap.frames if (frame, track) not in placed]
            if not lacking:
                bridges.append(Bridge(gap, ()))
            elif record is None or len(gap.frames) <= record.settings.fill_gaps:
                continue
            elif len(gap.frames) > longest:
                if not _is_cut_between(source, gap):
                    left.append(gap)
            elif not holds_cut(list(source.frames(gap.frames.start - 1, gap.frames.stop + 1))):
                bridges.append(Bridge(gap, tuple(frame for frame in lacking if frame not in deleted)))
        return cls(tuple(bridges), tuple(left))

    def notes(self) -> list[str]:
        """One line for each gap that is left, and one for all that are bridged."""
        lines = [
            f"frames {gap.frames.start + 1} to {gap.frames.stop} show the footage: the face was lost there for longer "
            "than --longest-gap allows"
            for gap in self.open
        ]
        count = sum(len(bridge.frames) for bridge in self.bridges)
        if count:
            lines.append(f"a face that was not found for a moment is placed in {count} frames")
        return lines


def read_record(path: Path) -> ExtractRecord | None:
    """The record of an extraction; None where there is none that can be read: a merge does not hang on it."""
    try:
        return ExtractRecord.load(path)
    except UnderstudyError:
        return None


def _is_cut_between(source: FrameSource, gap: Gap) -> bool:
    """Whether the frames on both sides of a gap show something else, so far as two frames tell."""
    edges: Sequence[int] = (gap.frames.start - 1, gap.frames.stop)
    return holds_cut([frame for edge in edges for frame in source.frames(edge, edge + 1)])
