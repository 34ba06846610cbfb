"""`understudy consent export`: the record as a document."""

import json
from dataclasses import dataclass
from pathlib import Path

from understudy.cli.consent_show import digest_of
from understudy.cli.console import Display
from understudy.project import SIDES, Project, UnderstudyError
from understudy.project.atomic import write_bytes
from understudy.project.consent_form import form_text, form_title


@dataclass
class Command:
    """Write the consent record as a document: PDF for people, JSON for archives."""

    out: Path
    """The document; its suffix, .pdf or .json, says which."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        project = Project(self.project)
        agreed = {side: consent for side in SIDES if (consent := project.recorded_consent(side))}
        if not agreed:
            raise UnderstudyError(f"{project.root} has no consent record: there is nothing to export")
        digest = digest_of(project)
        forms = {
            side: (f"{form_title(consent.basis)} ({side})", form_text(consent.basis, side, consent))
            for side, consent in agreed.items()
        }
        if self.out.suffix.lower() == ".pdf":
            # Imported here: the plotting library takes half a second.
            from understudy.project.text_pdf import text_pdf

            about = f"Project {project.id}, '{project.title}'. SHA-256 of the record: {digest or 'not complete yet'}"
            data = text_pdf([(title, [*text, about]) for title, text in forms.values()])
        elif self.out.suffix.lower() == ".json":
            document = {
                "project": project.id,
                "title": project.title,
                "sha256": digest,
                "terms": {side: consent.terms() for side, consent in agreed.items()},
                "revoked": {side: str(consent.revoked) for side, consent in agreed.items() if consent.revoked},
                "forms": {side: {"title": title, "text": text} for side, (title, text) in forms.items()},
            }
            data = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
        else:
            raise UnderstudyError(f"{self.out}: the record is written as .pdf or .json: choose one of these suffixes")
        write_bytes(self.out, data)
        display.result(f"{self.out}: the consent of {' and '.join(agreed)}", {"path": str(self.out), "sha256": digest})
        return 0
