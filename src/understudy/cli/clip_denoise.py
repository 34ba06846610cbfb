"""`understudy clip denoise`: a clip with less noise."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.clip_result import show_written
from understudy.cli.console import Display
from understudy.media import EncodeSettings, open_source
from understudy.media.denoise import Denoiser
from understudy.media.transcode import transcode
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Write a clip with less noise, in each frame and from frame to frame; the clip itself stays."""

    clip: tyro.conf.Positional[Path]
    """The video file, or a folder of pictures."""
    out: Path
    """The new file (.mp4, .mov, .mkv, .avi), or a folder for pictures."""
    factor: float = 7.0
    """1 to 20: about the strength of the noise in eight-bit steps."""
    settings: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)

    def run(self, display: Display) -> int:
        if not 1 <= self.factor <= 20:
            raise UnderstudyError("--factor is 1 to 20")
        source = open_source([self.clip])
        change = Denoiser(self.factor)
        return show_written(transcode(source, self.out, self.settings, change=change, progress=display), display)
