"""Finds the verb, lets its module parse and run it, and turns faults into one line and an exit code."""

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from understudy import __version__
from understudy.cli.console import Display, JsonLines, Terminal
from understudy.cli.parse import parse
from understudy.project import UnderstudyError

_USAGE, _INTERRUPTED = 2, 130


class Verb(Protocol):
    """A parsed command."""

    def run(self, display: Display) -> int:
        """Do it, show the result, and return the exit code."""


@dataclass(frozen=True)
class _Entry:
    module: str
    help: str


# Modules are imported only when their verb is called: the networks' library alone takes a second to load.
_VERBS = {
    "init": _Entry("init", "make a project folder from the clips of both performers, with the consent record"),
    "consent": _Entry("consent", "write or change the consent record"),
    "extract": _Entry("extract", "find, align and describe the faces of the src or dst clips"),
    "train": _Entry("train", "teach a network the two faces"),
    "merge": _Entry("merge", "put the src face into every frame of dst, and write the marked video"),
    "verify": _Entry("verify", "is this file marked, by which project, and is it untouched?"),
    "evaluate": _Entry("evaluate", "score a swap of real footage by the published protocol"),
    "swap": _Entry("swap", "all of it in one command: clips in, marked video out"),
    "demo": _Entry("demo", "the whole path on two synthetic performers, and a page that shows it"),
    "bench": _Entry("bench", "swaps and detectors, measured against the exact truth of synthetic performers"),
    "actors": _Entry("actors", "render clips of synthetic performers, with exact truth"),
    "models": _Entry("models", "list, fetch and locate third-party model files"),
    "doctor": _Entry("doctor", "device, versions, codecs, model files, and what is missing"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0: done; 1: `verify` found no mark; 2: a fault that one line explains; 130: interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(_overview())
        return 0 if words else _USAGE
    if words[0] == "--version":
        sys.stdout.write(f"understudy {__version__}\n")
        return 0
    name, rest = words[0], words[1:]
    as_json = "--json" in rest
    with JsonLines() if as_json else Terminal() as display:
        try:
            return _dispatch(name, [word for word in rest if word != "--json"], display)
        except UnderstudyError as fault:
            display.fault(str(fault))
        except KeyboardInterrupt:
            display.fault("interrupted; the same command goes on from here")
            return _INTERRUPTED
    return _USAGE


def _dispatch(name: str, words: list[str], display: Display) -> int:
    entry = _VERBS.get(name)
    if entry is None:
        raise UnderstudyError(f"no such command: {name}; there are {', '.join(_VERBS)}")
    module: Any = importlib.import_module(f"understudy.cli.{entry.module}")
    default = module.defaults(words) if hasattr(module, "defaults") else None
    description = f"{entry.help[0].upper()}{entry.help[1:]}."
    parsed = parse(module.Command, words, prog=f"understudy {name}", description=description, default=default)
    return cast("Verb", parsed).run(display)


def _overview() -> str:
    width = max(map(len, _VERBS))
    lines = [f"  {name:<{width}}  {entry.help}" for name, entry in _VERBS.items()]
    return "\n".join(
        (
            "usage: understudy COMMAND [OPTIONS]     ('understudy COMMAND --help' says more)",
            "",
            *lines,
            "",
            "Every command takes --json: one JSON document on standard output, progress on standard error.",
            "",
        )
    )
