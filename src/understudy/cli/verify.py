"""`understudy verify`: is this file marked?"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.provenance import verify
from understudy.provenance.page import require_page_name, write_page


@dataclass
class Command:
    """Look for credentials and the watermark in a file, or in the files of a folder."""

    file: tyro.conf.Positional[Path]
    """A video, a picture, or a folder of them."""
    page: Path | None = None
    """Also write what was found as a page for a browser: how this was made."""
    trust_list: Path | None = None
    """PEM file with the certificates of issuers to trust; trust.pem in the settings folder when not given."""
    watermark: bool = True
    """Look for the watermark too; without it the pictures are not decoded."""

    def run(self, display: Display) -> int:
        if self.page is not None:
            require_page_name(self.page)
        found = verify(self.file, trust_list=self.trust_list, watermark=self.watermark, progress=display)
        if self.page is not None:
            write_page(self.page, found)
        display.result(found.describe(), found.to_document())
        return found.exit_code
