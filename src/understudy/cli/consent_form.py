"""`understudy consent form`: an empty form to fill in and sign."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.project import Basis, Side, UnderstudyError
from understudy.project.atomic import write_bytes
from understudy.project.consent_form import form_text, form_title


@dataclass
class Command:
    """Show an empty form, or write it as PDF: a starting point for a lawyer, not legal advice."""

    basis: tyro.conf.Positional[Basis]
    """Which kind."""
    side: Side = "src"
    """Whose: src's likeness is used, dst's face is replaced."""
    out: Path | None = None
    """A .pdf or .txt file to write."""

    def run(self, display: Display) -> int:
        title, text = form_title(self.basis), form_text(self.basis, self.side)
        plain = "\n\n".join((title, *text))
        if self.out is not None and self.out.suffix.lower() == ".pdf":
            # Imported here: the plotting library takes half a second.
            from understudy.project.text_pdf import text_pdf

            write_bytes(self.out, text_pdf([(title, text)]))
        elif self.out is not None and self.out.suffix.lower() == ".txt":
            write_bytes(self.out, f"{plain}\n".encode())
        elif self.out is not None:
            raise UnderstudyError(f"{self.out}: a form is written as .pdf or .txt: choose one of these suffixes")
        document = {"title": title, "text": text, "path": str(self.out) if self.out else None}
        display.result(plain if self.out is None else f"{self.out}: {title}", document)
        return 0
