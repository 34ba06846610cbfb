"""`understudy evaluate`: a swap of real footage by the published protocol."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Score a swap: how well the shot and the performance are kept, and the identity carried over."""

    result: Path
    """The swapped video, or a folder of its frames."""
    dst: Path
    """The clip that it was made of."""
    src: list[Path]
    """Clips of the performer who was put in."""
    out: Path | None = None
    """Also write a page here, and the same figures to a .json file beside it."""
    frames: int = 100
    """How many frames to look at, spread evenly."""

    def run(self, display: Display) -> int:
        from understudy.evaluation.paper import evaluate
        from understudy.evaluation.paper_report import as_document, as_text, write_report

        if self.frames < 1:
            raise UnderstudyError("--frames must be 1 or more")
        scores = evaluate(self.result, self.dst, self.src, frames=self.frames, progress=display)
        written = "" if self.out is None else f"\n\n{self.out}, {write_report(scores, self.out)}"
        display.result(as_text(scores) + written, as_document(scores))
        return 0
