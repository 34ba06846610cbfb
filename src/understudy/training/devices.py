"""A training on many devices of this host: a process for each, started, heard and ended together."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

import torch
import torch.distributed as dist

from understudy.project import Progress, UnderstudyError
from understudy.training.interrupt import interrupt_sets
from understudy.training.run import TrainResult
from understudy.training.settings import TrainSettings

STOP = "stop"
"""The line that asks a process to end its training."""

_LOOK_EVERY = 0.1  # seconds between looks at whether to stop
_GRACE = 10.0  # seconds that the others have to end by themselves once one has failed
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


@dataclass(frozen=True)
class Job:
    """What each process is told to do: the arguments of `train`."""

    root: Path
    settings: TrainSettings
    watch: int | None
    auto: bool

    def to_json(self) -> str:
        return json.dumps(
            {
                "root": str(self.root),
                "settings": self.settings.model_dump(mode="json"),
                "watch": self.watch,
                "auto": self.auto,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        told = json.loads(text)
        settings = TrainSettings.model_validate(told["settings"])
        return cls(Path(told["root"]), settings, told["watch"], told["auto"])


def train_on(count: int, job: Job, progress: Progress, stop: threading.Event) -> TrainResult:
    """Train with `count` processes of this host, and return when all of them have ended.

    Args:
        progress: is shown what the first of them says.
        stop: ends the training, saved.

    Raises:
        UnderstudyError: what one of them raised, or how it ended; all others are ended then.
        KeyboardInterrupt: a second Ctrl-C; all are ended at once.
    """
    store = meeting_place()
    with ExitStack() as stack:
        stack.enter_context(interrupt_sets(stop))
        told: queue.Queue[_Told] = queue.Queue()
        members = [
            stack.enter_context(_Member(rank, job, environment(rank, count, store.port), told)) for rank in range(count)
        ]
        return _heard(members, told, progress, stop)


def meeting_place() -> "dist.TCPStore":  # type: ignore[name-defined]  # missing from torch's stubs
    """Where the processes find each other: in this process, at a port that the system chooses.

    By itself the library listens on all of the host's addresses, to anybody; this listens on loopback alone.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port = listener.getsockname()[1]
    return dist.TCPStore(  # type: ignore[attr-defined]  # likewise
        "127.0.0.1", port, is_master=True, wait_for_workers=False, master_listen_fd=listener.detach()
    )


@dataclass(frozen=True)
class _Told:
    """One message of a process; None: it has none any more."""

    rank: int
    message: Mapping[str, Any] | None


def _heard(
    members: "list[_Member]", told: "queue.Queue[_Told]", progress: Progress, stop: threading.Event
) -> TrainResult:
    running = set(range(len(members)))
    result: TrainResult | None = None
    faults: list[tuple[int, str]] = []  # the lower, the nearer to the cause
    deadline = float("inf")
    stopping = False
    while running and time.monotonic() < deadline:
        if stop.is_set() and not stopping:
            stopping = True
            members[0].ask_to_stop()
        try:
            rank, message = (one := told.get(timeout=_LOOK_EVERY)).rank, one.message
        except queue.Empty:
            continue
        match message:
            case None:
                running.discard(rank)
                if fault := members[rank].fault(len(members)):
                    faults.append((1, fault))
            case {"begin": [label, total]}:
                progress.begin(label, total)
            case {"advance": [units, note]}:
                progress.advance(units, note)
            case {"say": line}:
                progress.say(line)
            case {"result": values}:
                result = TrainResult(**{**values, "folder": Path(values["folder"])})
            case {"fault": line, "lost": lost}:
                faults.append((2 if lost else 0, line))
        if faults:
            deadline = min(deadline, time.monotonic() + _GRACE)
    if faults or result is None:
        _, line = min(faults, default=(0, "the training ended without a word"))
        raise UnderstudyError(line)
    return result


class _Member:
    """One process; ended with the context at the latest."""

    def __init__(self, rank: int, job: Job, given: Mapping[str, str], told: "queue.Queue[_Told]") -> None:
        self._rank = rank
        with _signals_wait():  # until the process has its own way with them
            self._process = subprocess.Popen(
                # -P: no module is looked for in the present folder, which may be somebody else's project.
                [sys.executable, "-P", "-m", "understudy.training.member"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **given},
                text=True,
                encoding="utf-8",
            )
        self._in, self._out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        self._told = told
        self._listener = threading.Thread(target=self._listen, name=f"device {rank}", daemon=True)
        self._listener.start()
        self._write(job.to_json())

    def _listen(self) -> None:
        with suppress(ValueError):  # half a line: it was killed
            for line in self._out:
                self._told.put(_Told(self._rank, json.loads(line)))
        self._process.wait()
        self._told.put(_Told(self._rank, None))

    def _write(self, line: str) -> None:
        with suppress(OSError):  # it has ended, which its listener tells
            self._in.write(line + "\n")
            self._in.flush()

    def ask_to_stop(self) -> None:
        """Ask it, and with it all others, to end the training."""
        self._write(STOP)

    def fault(self, count: int) -> str:
        """How it ended, if not well; to be asked when it has."""
        code = self._process.returncode
        if code in (0, FAULT):
            return ""
        how = f"was killed (signal {-code})" if code < 0 else f"failed (exit code {code})"
        return (
            f"the process of device {self._rank + 1} of {count} {how}: run the same command again, it goes on from the "
            "last checkpoint"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self._out.close()
        with suppress(OSError):
            self._in.close()


FAULT = 2
"""Exit code of a process that has told its fault."""


def environment(rank: int, count: int, port: int) -> dict[str, str]:
    """The variables by which a process finds its place, as `torchrun` sets them too.

    Args:
        port: where a `TCPStore` of this process listens on the loopback address.
    """
    loopback = next((name for _, name in socket.if_nameindex() if name in ("lo", "lo0")), None)
    return {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "GROUP_RANK": "0",
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",
        # Whatever the host's name means, and however its network is set up.
        **({} if loopback is None else {"GLOO_SOCKET_IFNAME": loopback}),
        "OMP_NUM_THREADS": str(max(1, torch.get_num_threads() // count)),
    }


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Within, Ctrl-C and SIGTERM wait; for a process that is started, until it lets them come."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_come() -> None:
    """End the waiting that a process was started with."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def as_message(result: TrainResult) -> dict[str, Any]:
    """A result as JSON values."""
    return {**asdict(result), "folder": str(result.folder)}
