"""`understudy faceset report`: what dst needs and src lacks."""

from dataclasses import asdict, dataclass
from pathlib import Path

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.faces.identity import load_embedder
from understudy.facesets import Faceset
from understudy.facesets.coverage import compare
from understudy.facesets.coverage_page import coverage_text, write_coverage_page


@dataclass
class Command:
    """Compare src with dst over direction, mouth, eyes, gaze, brightness and hue."""

    src: str = "src"
    """src, or another folder of faces."""
    dst: str = "dst"
    """dst, or another folder of faces."""
    out: Path = Path("coverage.html")
    """The page, within the project folder unless the path is absolute."""
    embedder: str = "auto"
    """Tells whether either set shows several people; see `faceset persons`."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        src, dst = (
            Faceset(faceset_folder(which, self.project), skip_damaged=True, progress=display)
            for which in (self.src, self.dst)
        )
        coverage = compare(src, dst, embedder=load_embedder(self.embedder))
        page = self.project / self.out
        write_coverage_page(page, coverage, src, dst)
        document = asdict(coverage) | {"page": str(page)}
        display.result(f"{coverage_text(coverage)}\n\nwith pictures: {page}", document)
        return 0
