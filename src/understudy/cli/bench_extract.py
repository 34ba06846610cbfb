"""`understudy bench extract`: the installed detectors against exact truth."""

from dataclasses import dataclass
from pathlib import Path

from understudy.cli.console import Display

_QUICK, _WHOLE = 4, 16  # performers


@dataclass
class Command:
    """Measure detection, landmarks and pose of every installed backend on synthetic performers."""

    out: Path = Path("detectors.html")
    """The page; the same figures go into a .json file beside it."""
    quick: bool = False
    """Show four performers instead of sixteen."""

    def run(self, display: Display) -> int:
        from understudy.evaluation.detectors import examine, installed_backends
        from understudy.evaluation.detectors_report import as_document, as_text, reports, write_report

        count = _QUICK if self.quick else _WHOLE
        made = reports(examine(installed_backends(), count=count, progress=display))
        beside = write_report(made, self.out, performers=count)
        display.result(f"{as_text(made)}\n\n{self.out}, {beside}", as_document(made, performers=count))
        return 0
