"""`understudy edit shots`: where settings may change."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.media import open_source
from understudy.media.shots import find_shots
from understudy.merging.edits import EditFile
from understudy.merging.edits.changes import found_anew, join_shots, split_shot
from understudy.merging.edits.edited_settings import edits_of
from understudy.merging.edits.summary import summary
from understudy.project import Project


@dataclass
class Command:
    """Find the shots where there are none yet, or change them; presets, settings and keyframes stay."""

    split: int | None = None
    """A shot is to begin at this frame, counted from 1."""
    join: int | None = None
    """The shot of this number and the next are to be one."""
    find: bool = False
    """Find the shots again: each takes its settings from the one that its first frame was in."""
    threshold: float = 3.0
    """With --find: how many times a change must exceed those around it to count as a cut."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        project = Project(self.project)
        file, source = EditFile(project), open_source(project.clips("dst"))
        edits = edits_of(file, source, display)
        if self.find:
            shots = find_shots(source, threshold=self.threshold, progress=display)
            edits = found_anew(
                edits, [*source.info.clip_starts, *(shot.first for shot in shots)], source.info.frame_count
            )
            file.change(edits, "find the shots again")
        if self.split is not None:
            edits = split_shot(edits, self.split)
            file.change(edits, f"split at frame {self.split}")
        if self.join is not None:
            edits = join_shots(edits, self.join)
            file.change(edits, f"join shots {self.join} and {self.join + 1}")
        display.result(summary(edits), edits.model_dump(mode="json"))
        return 0
