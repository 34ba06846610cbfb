"""`understudy consent show`: the record as it stands."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from understudy.cli.console import Display
from understudy.project import SIDES, Consent, ConsentRecord, Project


@dataclass
class Command:
    """Show who agreed to what, and whether it is in force."""

    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        project = Project(self.project)
        found = {side: project.recorded_consent(side) for side in SIDES}
        digest = digest_of(project)
        lines = [line for side, consent in found.items() for line in _lines(project, side, consent)]
        if digest:
            lines.append(f"sha256 {digest}, carried by every result")
        document: dict[str, Any] = {side: _document(project, consent) for side, consent in found.items()}
        display.result("\n".join(lines), document | {"title": project.title, "sha256": digest})
        return 0


def digest_of(project: Project) -> str | None:
    """The digest that results carry; None while one side's agreement is missing."""
    src, dst = (project.recorded_consent(side) for side in SIDES)
    return ConsentRecord(src=src, dst=dst).digest() if src and dst else None


def _lines(project: Project, side: str, consent: Consent | None) -> list[str]:
    if consent is None:
        return [f"{side}: none"]
    until = f" until {consent.expires}" if consent.expires else ""
    titles, territories = ", ".join(consent.titles) or "any", ", ".join(consent.territories) or "worldwide"
    return [
        f"{side}: {consent.name}, {consent.basis}, {consent.reference}",
        f"  recorded {consent.date}; titles: {titles}; territories: {territories}",
        f"  NOT IN FORCE: {why}" if (why := _obstacle(project, consent)) else f"  in force{until}",
    ]


def _obstacle(project: Project, consent: Consent) -> str | None:
    uncovered = None if consent.covers(project.title) else f"does not cover the title '{project.title}'"
    return consent.obstacle(datetime.date.today()) or uncovered


def _document(project: Project, consent: Consent | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    return consent.model_dump(mode="json") | {"obstacle": _obstacle(project, consent)}
