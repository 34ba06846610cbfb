"""`understudy clip join`: several clips as one."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import tyro

from understudy.cli.clip_result import show_written
from understudy.cli.console import Display
from understudy.media import EncodeSettings, open_source
from understudy.media.transcode import transcode
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Write clips of one size, and folders of pictures, one after another into one file, with their sound."""

    clips: tyro.conf.Positional[list[Path]]
    """Video files and folders of pictures, in the order shown."""
    out: Path
    """The new file (.mp4, .mov, .mkv, .avi)."""
    image_rate: float = 25.0
    """Pictures per second of folders of pictures."""
    settings: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)

    def run(self, display: Display) -> int:
        if not 0.001 <= self.image_rate <= 1000:
            raise UnderstudyError("--image-rate is 0.001 to 1000 pictures a second")
        source = open_source(self.clips, image_rate=Fraction(self.image_rate).limit_denominator(100_000))
        return show_written(transcode(source, self.out, self.settings, progress=display), display)
