"""What the command line shows: a bar with the time left for people, JSON lines for machines."""

import json
import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_JSON_INTERVAL = 1.0  # seconds between two progress lines
_PATIENCE = 1.0  # seconds; what takes less shows no bar


class Terminal:
    """Shows progress on standard error and results on standard output."""

    def __init__(self) -> None:
        self._errors = Console(stderr=True, highlight=False, emoji=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", style="dim"),
            console=self._errors,
            expand=True,
        )
        self._task: TaskID | None = None
        self._started = False

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def begin(self, label: str, total: float | None) -> None:
        self._task = self._bar.add_task(label, total=total, note="")

    def advance(self, units: float = 1.0, note: str = "") -> None:
        if self._task is not None:
            self._bar.update(self._task, advance=units, note=note)
            if not self._started and (self._bar.tasks[-1].elapsed or 0) > _PATIENCE:
                self._bar.start()
                self._started = True

    def say(self, line: str) -> None:
        self._errors.print(line, markup=False, soft_wrap=True)

    def result(self, text: str, document: dict[str, Any]) -> None:  # noqa: ARG002
        """Show the outcome: `text` to people; the machine-readable `document` is for `JsonLines`."""
        self._close()
        Console(highlight=False, emoji=False).print(text, markup=False, soft_wrap=True)

    def fault(self, line: str) -> None:
        self._close()
        self._errors.print(f"understudy: {line}", markup=False, soft_wrap=True)

    def _close(self) -> None:
        if self._started:
            self._bar.stop()


class JsonLines:
    """The same for machines: progress as JSON lines on standard error, one JSON document on standard output."""

    def __init__(self) -> None:
        self._label, self._done, self._total = "", 0.0, None  # type: str, float, float | None
        self._shown = 0.0

    def __enter__(self) -> "JsonLines":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, label: str, total: float | None) -> None:
        self._label, self._done, self._total = label, 0.0, total
        self._emit({"event": "begin", "task": label, "total": total})

    def advance(self, units: float = 1.0, note: str = "") -> None:
        self._done += units
        now = time.monotonic()
        if now - self._shown >= _JSON_INTERVAL:
            self._shown = now
            event = {"event": "progress", "task": self._label, "done": self._done, "total": self._total, "note": note}
            self._emit(event)

    def say(self, line: str) -> None:
        self._emit({"event": "note", "text": line})

    def result(self, text: str, document: dict[str, Any]) -> None:  # noqa: ARG002
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")

    def fault(self, line: str) -> None:
        sys.stdout.write(json.dumps({"error": line}, ensure_ascii=False) + "\n")

    @staticmethod
    def _emit(event: dict[str, Any]) -> None:
        sys.stderr.write(json.dumps(event, ensure_ascii=False) + "\n")
        sys.stderr.flush()


Display = Terminal | JsonLines
