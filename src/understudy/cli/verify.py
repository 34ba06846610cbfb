"""`understudy verify`: is this file marked?"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.provenance import verify


@dataclass
class Command:
    """Look for credentials in a file, or in the files of a folder."""

    file: tyro.conf.Positional[Path]
    """A video, a picture, or a folder of pictures."""

    def run(self, display: Display) -> int:
        found = verify(self.file)
        display.result(found.describe(), found.to_document())
        return found.exit_code
