"""`understudy clip shots`: where a clip cuts."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.media import open_source
from understudy.media.shots import find_shots
from understudy.media.timecode import show_time
from understudy.project import UnderstudyError


@dataclass
class Command:
    """List the shots of a clip; frames are counted from 1."""

    clip: tyro.conf.Positional[Path]
    """The video file, or a folder of pictures."""
    threshold: float = 3.0
    """How many times a change must exceed those around it to count as a cut: lower finds more."""
    shortest: float = 0.5
    """Seconds; no shot is shorter."""

    def run(self, display: Display) -> int:
        if not self.threshold > 0 or not 0 <= self.shortest <= 3600:
            raise UnderstudyError("--threshold is above 0, --shortest 0 to 3600 seconds")
        source = open_source([self.clip], one_size=False)
        shots = find_shots(source, threshold=self.threshold, shortest=self.shortest, progress=display)
        lines = [
            f"{number:>4}  {show_time(shot.start)} to {show_time(shot.end)}  frames {shot.first + 1} to {shot.stop}"
            for number, shot in enumerate(shots, 1)
        ]
        document = [
            {"first": shot.first + 1, "last": shot.stop, "start": float(shot.start), "end": float(shot.end)}
            for shot in shots
        ]
        display.result("\n".join(lines), {"shots": document})
        return 0
