"""`understudy-verify`: the reader alone, for machines that check files and make none."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from understudy import __version__
from understudy.project.errors import UnderstudyError
from understudy.project.output import print_any_name
from understudy.provenance.checking import verify
from understudy.provenance.page import require_page_name, write_page

_FAULT, _INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one file or folder, as `understudy verify` does.

    Returns:
        0: marked; 1: not marked; 2: a fault that one line explains; 3: changed, or signed as something else than it is;
        130: interrupted.
    """
    parser = argparse.ArgumentParser(prog="understudy-verify", description="Is this file marked, and is it unchanged?")
    parser.add_argument("file", type=Path, help="a video, a picture, or a folder of them")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--page", type=Path, help="also write what was found as a page for a browser")
    parser.add_argument("--trust-list", type=Path, help="PEM file with the certificates of issuers to trust")
    parser.add_argument("--no-watermark", action="store_true", help="do not look for the watermark")
    parser.add_argument("--version", action="version", version=f"understudy-verify {__version__}")
    asked = parser.parse_args(arguments)
    print_any_name()
    try:
        if asked.page:
            require_page_name(asked.page)
        found = verify(asked.file, trust_list=asked.trust_list, watermark=not asked.no_watermark)
        if asked.page:
            write_page(asked.page, found)
    except UnderstudyError as fault:
        if asked.json:
            sys.stdout.write(json.dumps({"error": str(fault)}, ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(f"{fault}\n")
        return _FAULT
    except KeyboardInterrupt:
        return _INTERRUPTED
    sys.stdout.write((json.dumps(found.to_document(), ensure_ascii=False) if asked.json else found.describe()) + "\n")
    return found.exit_code
