"""`understudy clip cut`: a part of a clip."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.clip_result import show_written
from understudy.cli.console import Display
from understudy.media import EncodeSettings
from understudy.media.packet_copy import copy_part
from understudy.media.part import PartSource
from understudy.media.timecode import parse_time
from understudy.media.transcode import transcode


@dataclass
class Command:
    """Cut a part out of a clip. Encoded anew it is exact to the frame; copied it begins at a key picture."""

    clip: tyro.conf.Positional[Path]
    """The video file."""
    out: Path
    """The new file (.mp4, .mov, .mkv, .avi), or a folder for pictures."""
    start: str = "0"
    """The first frame is that shown at this time: seconds, or hours:minutes:seconds."""
    end: str | None = None
    """The last frame is that before this time; to the end when not given."""
    sound: int | None = None
    """Number of the only sound track to keep, from 0; -1: none. All when not given."""
    copy: bool = False
    """Copy the compressed pictures: fast and lossless, from the key picture at or before the start."""
    settings: tyro.conf.OmitArgPrefixes[EncodeSettings] = field(default_factory=EncodeSettings)

    def run(self, display: Display) -> int:
        start = parse_time(self.start)
        end = None if self.end is None else parse_time(self.end)
        if self.copy:
            written = copy_part(self.clip, self.out, start=start, end=end, sound=self.sound, progress=display)
        else:
            part = PartSource(self.clip, start=start, end=end, sound=self.sound)
            written = transcode(part, self.out, self.settings, progress=display)
        return show_written(written, display)
