"""`understudy clip frames`: the frames of a clip as pictures."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import tyro

from understudy.cli.clip_result import show_written
from understudy.cli.console import Display
from understudy.media import EncodeSettings
from understudy.media.part import PartSource
from understudy.media.timecode import parse_time
from understudy.media.transcode import at_rate, transcode
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Write the frames of a clip as numbered pictures. Nothing in this program needs them; other programs may."""

    clip: tyro.conf.Positional[Path]
    """The video file."""
    out: Path
    """The folder."""
    format: Literal["png", "tiff", "jpg", "exr"] = "png"
    """png and tiff keep 16 bits; jpg is 4:4:4."""
    start: str = "0"
    """From this time on: seconds, or hours:minutes:seconds."""
    end: str | None = None
    """Up to this time; to the end when not given."""
    rate: float | None = None
    """So many frames a second, the nearest ones; all when not given."""

    def run(self, display: Display) -> int:
        if self.rate is not None and not 0.001 <= self.rate <= 1000:
            raise UnderstudyError("--rate is 0.001 to 1000 frames a second")
        part = PartSource(
            self.clip, start=parse_time(self.start), end=None if self.end is None else parse_time(self.end), sound=-1
        )
        choose = None if self.rate is None else at_rate(Fraction(self.rate).limit_denominator(100_000))
        settings = EncodeSettings(image_format=self.format)
        return show_written(transcode(part, self.out, settings, choose=choose, progress=display), display)
