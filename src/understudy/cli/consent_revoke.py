"""`understudy consent revoke`: a performer withdraws."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.consent_show import digest_of
from understudy.cli.console import Display
from understudy.project import Project, Side


@dataclass
class Command:
    """Mark a performer's consent as withdrawn, for good."""

    side: tyro.conf.Positional[Side]
    """Whose."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        project = Project(self.project)
        revoked = project.revoke_consent(self.side).revoked
        digest = digest_of(project)
        carried = f"; what was made under it carries the consent record's sha256 {digest}" if digest else ""
        text = f"the consent of {self.side} is revoked since {revoked}: nothing more is rendered{carried}"
        display.result(text, {"side": self.side, "revoked": str(revoked), "sha256": digest})
        return 0
