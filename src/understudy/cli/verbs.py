"""From the words of a command to the module that runs it, through as many tables of verbs as it names."""

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from understudy.cli.console import Display
from understudy.cli.parse import parse
from understudy.project import UnderstudyError

_HELP = ("-h", "--help")


class Verb(Protocol):
    """A parsed command."""

    def run(self, display: Display) -> int:
        """Do it, show the result, and return the exit code."""


@dataclass(frozen=True)
class Entry:
    """A verb: the module in this room that holds its `Command`, or a table `VERBS` of the words that follow it.

    A module with a table may name in `DEFAULT` the one of them that flags alone mean.
    """

    module: str
    help: str


def dispatch(verbs: Mapping[str, Entry], words: list[str], display: Display, *, prog: str) -> int:
    """Run the verb that `words` begin with.

    Raises:
        UnderstudyError: there is no such verb, or what follows it cannot be parsed.
        SystemExit: help was asked for and has been shown.
    """
    name, rest = (words[0], words[1:]) if words else ("", [])
    if name in _HELP:
        sys.stdout.write(overview(verbs, prog=prog))
        return 0
    entry = verbs.get(name)
    if entry is None:
        wrong = f"no such command: {prog} {name}" if name else f"{prog} needs one more word"
        raise UnderstudyError(f"{wrong}; there are {', '.join(verbs)}")
    prog = f"{prog} {name}"
    # Modules are imported only when their verb is called, and import what needs the networks' library only when it
    # runs: that library alone takes seconds to load, which help should not.
    module: Any = importlib.import_module(f"understudy.cli.{entry.module}")
    if hasattr(module, "VERBS"):
        if hasattr(module, "DEFAULT") and rest and rest[0].startswith("-") and rest[0] not in _HELP:
            rest = [module.DEFAULT, *rest]
        return dispatch(module.VERBS, rest, display, prog=prog)
    default = module.defaults(rest) if hasattr(module, "defaults") else None
    description = f"{entry.help[0].upper()}{entry.help[1:]}."
    return cast("Verb", parse(module.Command, rest, prog=prog, description=description, default=default)).run(display)


def overview(verbs: Mapping[str, Entry], *, prog: str) -> str:
    """The table of verbs, as help shows it."""
    width = max(map(len, verbs))
    lines = [f"  {name:<{width}}  {entry.help}" for name, entry in verbs.items()]
    return "\n".join(
        (
            f"usage: {prog} COMMAND [OPTIONS]     ('{prog} COMMAND --help' says more)",
            "",
            *lines,
            "",
            "Every command takes --json: one JSON document on standard output, progress on standard error.",
            "",
        )
    )
