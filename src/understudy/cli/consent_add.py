"""`understudy consent add`: write or replace the consent record."""

from dataclasses import dataclass, field
from pathlib import Path

import tyro

from understudy.cli.consent_flags import ConsentFlags
from understudy.cli.console import Display
from understudy.project import Project, UnderstudyError


@dataclass
class Command:
    """Write the consent record of one performer or both."""

    project: Path = Path()
    """The project folder."""
    consent: tyro.conf.OmitArgPrefixes[ConsentFlags] = field(default_factory=ConsentFlags)

    def run(self, display: Display) -> int:
        written = self.consent.write(Project(self.project))
        if not written:
            raise UnderstudyError("nothing to write: give --src-basis or --dst-basis, and --reference")
        display.result(f"consent recorded for {' and '.join(written)}", {"recorded": written})
        return 0
