"""The verbs, and how a fault of one becomes one line and an exit code."""

import os
import sys
from collections.abc import Sequence

from understudy import __version__
from understudy.cli.console import JsonLines, Terminal
from understudy.cli.verbs import Entry, dispatch, overview
from understudy.project import UnderstudyError
from understudy.project.output import print_any_name

_USAGE, _INTERRUPTED, _UNREAD = 2, 130, 141


_VERBS = {
    "init": Entry("init", "make a project folder from the clips of both performers, with the consent record"),
    "consent": Entry("consent", "show, write, revoke and export the consent record"),
    "extract": Entry("extract", "find, align and describe the faces of the src or dst clips"),
    "train": Entry("train", "teach a network the two faces"),
    "edit": Entry("edit", "shots, presets and keyframes of the merge, with steps back"),
    "merge": Entry("merge", "put the src face into every frame of dst, and write the marked video"),
    "avatar": Entry("avatar", "the swapped face alone, upright, as a marked video in the network's size"),
    "verify": Entry("verify", "is this file marked, by which project, and is it untouched?"),
    "evaluate": Entry("evaluate", "score a swap of real footage by the published protocol"),
    "swap": Entry("swap", "all of it in one command: clips in, marked video out"),
    "demo": Entry("demo", "the whole path on two synthetic performers, and a page that shows it"),
    "bench": Entry("bench", "swaps and detectors, measured against the exact truth of synthetic performers"),
    "actors": Entry("actors", "render clips of synthetic performers, with exact truth"),
    "clip": Entry("clip", "cut, join, denoise and look into clips"),
    "faceset": Entry("faceset", "sort, cull, measure and exchange facesets"),
    "dataset": Entry("dataset", "real and fake pairs with exact truth, for research on detecting forgeries"),
    "model": Entry("model", "list the project's models; bring in and write those of DeepFaceLab"),
    "models": Entry("models", "list, fetch and locate third-party model files"),
    "doctor": Entry("doctor", "device, versions, codecs, model files, and what is missing"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0: done; 1: `verify` found no mark; 2: a fault that one line explains; 3: `verify` found a change; 130:
        interrupted; 141: nobody read what was printed to its end.
    """
    try:
        try:
            return _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD


def _run(words: list[str]) -> int:
    print_any_name()
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(overview(_VERBS, prog="understudy"))
        return 0 if words else _USAGE
    if words[0] == "--version":
        sys.stdout.write(f"understudy {__version__}\n")
        return 0
    with JsonLines() if "--json" in words else Terminal() as display:
        try:
            return dispatch(_VERBS, [word for word in words if word != "--json"], display, prog="understudy")
        except BrokenPipeError:
            raise
        except (UnderstudyError, OSError) as fault:
            display.fault(str(fault))
        except KeyboardInterrupt:
            display.fault("interrupted; the same command goes on from here")
            return _INTERRUPTED
    return _USAGE
