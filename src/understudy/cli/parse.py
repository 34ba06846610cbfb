"""From the words of a command to its parsed form, with one line for whatever is wrong with them."""

import contextlib
import io
import re
import sys
from typing import Any

import tyro

from understudy.project import UnderstudyError

_CONFIG = (tyro.conf.FlagCreatePairsOff,)
_BORDER = re.compile(r"[─━]{4,}|-{20,}")  # the latter where the terminal has no such characters
_INVALID = re.compile(
    r"validation errors? for \w+ (?:(?P<field>(?!Value error)\S+) )?(?:Value error, )?(?P<fault>.+?) \[type="
)


def parse(command: type[Any], words: list[str], *, prog: str, description: str, default: Any) -> Any:
    """Parse `words` into an instance of the dataclass `command`.

    Raises:
        UnderstudyError: an unknown flag, a missing or an impossible value; one line.
        SystemExit: help was asked for and has been shown.
    """
    shown = io.StringIO()
    try:
        with contextlib.redirect_stderr(shown):
            return tyro.cli(command, args=words, prog=prog, description=description, default=default, config=_CONFIG)
    except SystemExit as end:
        if end.code in (0, None):
            sys.stderr.write(shown.getvalue())
            raise
        raise UnderstudyError(f"{_one_line(shown.getvalue())}; see '{prog} --help'") from None


def _one_line(box: str) -> str:
    """The first paragraph of the parser's framed message, without its title."""
    lines: list[str] = []
    framed = False
    for line in box.splitlines():
        text = line.strip("│╭╮╰╯|+ ")
        if _BORDER.search(text):
            if framed:
                break
            framed = True
            lines.clear()
        elif text:
            lines.append(text)
    sentence = " ".join(lines)
    if invalid := _INVALID.search(sentence):
        if invalid["field"] is None:  # the options do not go together
            return invalid["fault"]
        return f"--{invalid['field'].replace('_', '-').replace('.', '-')}: {invalid['fault']}"
    return sentence.removeprefix("Error parsing ")
