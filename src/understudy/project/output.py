"""What is printed whatever the file names are."""

import io
import sys


def print_any_name() -> None:
    """Let letters that standard output cannot show be printed as escapes, which JSON reads back, and not be an error.

    A file's name need not be Unicode, and a terminal need not show all of Unicode.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
