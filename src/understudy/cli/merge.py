"""`understudy merge`: the swapped faces into the frames of dst."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.defaults import given, project_folder, project_settings
from understudy.cli.frame_numbers import frame_range
from understudy.media import EncodeSettings
from understudy.merging import MergeSettings
from understudy.project import Project
from understudy.provenance import LabelSettings, SigningSettings


@dataclass
class Command:
    """Composite every frame and write the marked video. Flags win over merge.json, and that over understudy.toml."""

    project: Path = Path()
    """The project folder."""
    model: str | None = None
    """Name of the trained model; the one trained last when not given."""
    out: Path | None = None
    """The video, or the folder for a picture sequence; result.mp4 in the project when not given."""
    frames: str | None = None
    """Render only these, such as 100-250, counted from 1; into a file of their own."""
    preview: bool = False
    """Only write preview.mp4: half the size, and quickly encoded."""
    report: bool = False
    """Also write report/index.html: contact sheets, gaps, failures, colours and jitter of every shot."""
    fixed: tyro.conf.Suppress[frozenset[str]] = frozenset()
    settings: tyro.conf.OmitArgPrefixes[MergeSettings] = field(default_factory=MergeSettings)
    encode: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)

    def run(self, display: Display) -> int:
        from understudy.merging import merge

        merged = merge(
            Project(self.project),
            self.settings,
            model=self.model,
            encode=self.encode,
            label=self.label,
            signing=self.signing,
            output=self.out,
            fixed=self.fixed,
            frames=None if self.frames is None else frame_range(self.frames),
            preview=self.preview,
            report=self.report,
            progress=display,
        )
        for note in merged.notes:
            display.say(note)
        lines = [f"{merged.path}: {merged.frames} frames, {merged.faces} faces swapped, signed"]
        if merged.rendered < merged.frames:
            lines.append(
                f"{merged.frames - merged.rendered} frames were there already, {merged.rendered} were rendered"
            )
        if merged.kept is not None:
            lines.append(f"the earlier one is now {merged.kept}")
        if merged.report is not None:
            lines.append(f"report: {merged.report}")
        document = {
            "path": str(merged.path),
            "frames": merged.frames,
            "faces": merged.faces,
            "rendered": merged.rendered,
            "kept": None if merged.kept is None else str(merged.kept),
            "report": None if merged.report is None else str(merged.report),
            "notes": merged.notes,
        }
        display.result("\n".join(lines), document)
        return 0


def defaults(words: list[str]) -> Command:
    settings = project_settings(MergeSettings(), "merge", project_folder(words))
    return Command(settings=settings, fixed=given(MergeSettings, words))
