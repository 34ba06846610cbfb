"""What the clip verbs say when they have written something."""

from understudy.cli.console import Display
from understudy.media.transcode import Transcoded


def show_written(written: Transcoded, display: Display) -> int:
    """Show it, with its notes; returns the exit code."""
    for note in written.notes:
        display.say(note)
    document = {"path": str(written.path), "frames": written.frames, "notes": list(written.notes)}
    display.result(f"{written.path}: {written.frames} frames", document)
    return 0
