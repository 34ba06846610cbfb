"""`understudy clip probe`: what is in a file."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.media.probe import Probe, probe
from understudy.media.timecode import show_time


@dataclass
class Command:
    """Look into clips."""

    clips: tyro.conf.Positional[list[Path]]
    """Video files and folders of pictures."""

    def run(self, display: Display) -> int:
        found = [probe(clip) for clip in self.clips]
        display.result("\n\n".join(map(_text, found)), {"clips": [clip.model_dump(mode="json") for clip in found]})
        return 0


def _text(clip: Probe) -> str:
    rate = f"{clip.rate:.6g} frames a second{' on average, unevenly spaced' if clip.variable_rate else ''}"
    color = f"primaries {clip.primaries}, transfer {clip.transfer}, matrix {clip.matrix} (H.273)"
    extent = {True: "full range", False: "limited range", None: "range not said"}[clip.full_range]
    lines = [
        clip.path,
        f"  {clip.frames} frames, {show_time(Fraction(clip.seconds))}, {rate}",
        f"  {clip.width}x{clip.height}, {clip.bit_depth} bits{', with alpha' if clip.alpha else ''}"
        + (f", {clip.codec}, {clip.pixel_format}" if clip.codec else "")
        + (f", stored turned by {clip.rotation} degrees" if clip.rotation else ""),
        f"  colour: {color}, {extent}",
    ]
    if clip.mastering:
        lines.append(f"  mastered on {clip.mastering}")
    if clip.max_cll or clip.max_fall:
        lines.append(f"  light: brightest pixel {clip.max_cll or 0}, brightest frame {clip.max_fall or 0} cd/m2")
    if clip.dynamic_hdr:
        lines.append(f"  {', '.join(clip.dynamic_hdr)}: no result has it")
    if clip.timecode:
        lines.append(f"  timecode {clip.timecode}")
    for track in clip.sound:
        language = f", {track.language}" if track.language else ""
        lines.append(f"  sound {track.number}: {track.codec}, {track.rate} Hz, {track.channels} channels{language}")
    if clip.subtitles:
        lines.append(f"  {clip.subtitles} subtitle tracks")
    return "\n".join([*lines, *(f"  {warning}" for warning in clip.warnings)])
