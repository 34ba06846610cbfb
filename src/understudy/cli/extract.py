"""`understudy extract`: clips to a faceset."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import project_folder, project_settings
from understudy.faces import ExtractSettings
from understudy.facesets import LandmarkFile, extract, place_landmarks
from understudy.facesets.extract_record import Range
from understudy.project import Project, Side, UnderstudyError

_SHOWN = 8  # ranges named on the console; the document has all


@dataclass
class Command:
    """Extract the faces of one side."""

    side: tyro.conf.Positional[Side]
    """Whose clips."""
    project: Path = Path()
    """The project folder."""
    again: bool = False
    """Move an earlier extraction to the trash and start over."""
    redo: Literal["deleted"] | None = None
    """Look again, with the settings given here, at frames of a finished extraction of which an aligned face or the
    debug picture was deleted."""
    landmarks: Path | None = None
    """Find nothing, but cut out the faces whose landmarks this JSON file gives: replaced or added."""
    settings: tyro.conf.OmitArgPrefixes[ExtractSettings] = field(default_factory=ExtractSettings)

    def run(self, display: Display) -> int:
        if sum((self.again, self.redo is not None, self.landmarks is not None)) > 1:
            raise UnderstudyError("--again, --redo and --landmarks exclude each other: give one of them")
        project = Project(self.project)
        if self.landmarks is not None:
            return self._place(project, LandmarkFile.read(self.landmarks), display)
        found = extract(project, self.side, self.settings, again=self.again, redo=self.redo, progress=display)
        share = found.frames_with_face / found.frames
        lines = [
            f"{found.faces} faces in {found.frames_with_face} of {found.frames} frames ({share:.1%}): {found.folder}"
        ]
        if self.redo is not None:
            lines.append(f"looked again at {_shown(found.redone)}")
        if found.gaps:
            lines.append(f"no face in {_shown(found.gaps)}")
        if found.filled:
            lines.append(f"{found.filled} faces placed in gaps")
        display.result(
            "\n".join(lines),
            {
                "folder": str(found.folder),
                "frames": found.frames,
                "frames_with_face": found.frames_with_face,
                "faces": found.faces,
                "filled": found.filled,
                "gaps": found.gaps,
                "redone": found.redone,
            },
        )
        return 0

    def _place(self, project: Project, document: LandmarkFile, display: Display) -> int:
        done = place_landmarks(project, self.side, document, self.settings, progress=display)
        display.result(
            f"{done.replaced} faces replaced, {done.added} added, {done.unchanged} as they were: {done.folder}",
            {
                "folder": str(done.folder),
                "replaced": done.replaced,
                "added": done.added,
                "unchanged": done.unchanged,
            },
        )
        return 0


def defaults(words: list[str]) -> Command:
    settings = project_settings(ExtractSettings(), "extract", project_folder(words))
    return Command(side=cast("Side", tyro.MISSING), settings=settings)


def _shown(ranges: Sequence[Range]) -> str:
    """Ranges of frames, counted from 1 as in file names, and how many frames they are together."""
    total = sum(last - first + 1 for first, last in ranges)
    named = [str(first + 1) if first == last else f"{first + 1}-{last + 1}" for first, last in ranges[:_SHOWN]]
    more = ", ..." if len(ranges) > _SHOWN else ""
    return f"{total} frames" + (f": {', '.join(named)}{more}" if named else "")
