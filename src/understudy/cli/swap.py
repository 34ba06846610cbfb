"""`understudy swap`: all of it in one command."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.consent_flags import ConsentFlags
from understudy.cli.console import Display
from understudy.cli.defaults import value_of
from understudy.cli.train import start
from understudy.faces import ExtractSettings
from understudy.media import EncodeSettings
from understudy.merging import MergeSettings
from understudy.pipeline import SwapSettings, swap
from understudy.project import UnderstudyError
from understudy.provenance import LabelSettings, SigningSettings
from understudy.training import TrainSettings


@dataclass
class Command:
    """Clips in, marked video out."""

    src: tyro.conf.Positional[list[Path]]
    """Clips or picture folders of the performer whose face is used."""
    onto: list[Path]
    """Clips or picture folders in which the face is replaced."""
    out: Path = Path("result.mp4")
    """The marked video."""
    project: Path | None = None
    """The project folder; beside the result, named after it, when not given."""
    preset: str = "quick96"
    """Where the training's settings start from."""
    consent: tyro.conf.OmitArgPrefixes[ConsentFlags] = field(default_factory=ConsentFlags)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    train: tyro.conf.OmitArgPrefixes[TrainSettings] = field(default_factory=TrainSettings)
    merge: MergeSettings = field(default_factory=MergeSettings)
    encode: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)

    def run(self, display: Display) -> int:
        if not self.src or not self.onto:
            raise UnderstudyError("name the clips: understudy swap SRC [SRC ...] --onto DST [DST ...] --out RESULT")
        record = self.consent.record()
        if record is None:
            raise UnderstudyError(
                "a swap needs both performers' consent: give --src-basis, --dst-basis and --reference; see --help"
            )
        if not (self.train.until or self.train.iterations):
            raise UnderstudyError("how long shall it train? Give --until 10m or --iterations N")
        settings = SwapSettings(self.extract, self.train, self.merge, self.encode, self.label, self.signing)
        made = swap(
            self.src, self.onto, self.out, consent=record, settings=settings, folder=self.project, progress=display
        )
        for note in made.notes:
            display.say(note)
        text = f"{made.path}: {made.frames} frames, {made.faces} faces swapped, signed"
        display.result(text, {"path": str(made.path), "frames": made.frames, "faces": made.faces, "notes": made.notes})
        return 0


def defaults(words: list[str]) -> Command:
    preset = value_of("--preset", words) or "quick96"
    return Command(src=tyro.MISSING, onto=tyro.MISSING, preset=preset, train=start(preset))
