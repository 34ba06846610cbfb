"""One process of a training on many devices, as `devices` starts it: hears on standard input, tells on standard output.

The first line that it hears is its job; `stop` asks it to end, and the end of the file says that whoever started it is
gone. What it tells is a JSON document on each line. It finds the others like a process that `torchrun` started.
"""

import json
import os
import sys
import threading
import traceback
from io import RawIOBase
from typing import Any, TextIO

from understudy.project import Project, UnderstudyError
from understudy.training.devices import FAULT, STOP, Job, as_message, let_signals_come
from understudy.training.interrupt import interrupt_sets
from understudy.training.ranks import LostRankError
from understudy.training.session import train

_BUG = 1


class _Teller:
    """Progress that is told to another process."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin(self, label: str, total: float | None) -> None:
        self.tell({"begin": [label, total]})

    def advance(self, units: float = 1.0, note: str = "") -> None:
        self.tell({"advance": [units, note]})

    def say(self, line: str) -> None:
        self.tell({"say": line})

    def tell(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()


def main() -> None:
    """Do the job; ends the process at once, where a library's threads would wait for a peer, or abort at the exit."""
    # What libraries print must not come between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    teller, stop = _Teller(out), threading.Event()
    with interrupt_sets(stop, insisting=False):
        let_signals_come()
        # Unbuffered: a buffer has a lock, and the thread that waits for a line would hold it to the process's end.
        heard = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        job = Job.from_json(heard.readline().decode())
        threading.Thread(target=_hear, args=(heard, stop), daemon=True).start()
        try:
            result = train(Project(job.root), job.settings, teller, stop=stop, watch=job.watch, auto=job.auto)
        except (UnderstudyError, OSError) as fault:
            teller.tell({"fault": str(fault), "lost": isinstance(fault, LostRankError)})
            os._exit(FAULT)
        except Exception:
            traceback.print_exc()
            os._exit(_BUG)
        if os.environ["RANK"] == "0":
            teller.tell({"result": as_message(result)})
        os._exit(0)


def _hear(heard: RawIOBase, stop: threading.Event) -> None:
    while line := heard.readline():
        if line.decode().strip() == STOP:
            stop.set()
    os._exit(FAULT)


if __name__ == "__main__":
    main()
