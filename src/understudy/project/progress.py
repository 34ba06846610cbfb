"""How long work reports itself, whoever is watching."""

from typing import Protocol


class Progress(Protocol):
    """A display of one running task. The command line draws a bar; tests and callers may pass `Silent`."""

    def begin(self, label: str, total: float | None) -> None:
        """Start a task of `total` units (None: length unknown) and replace the one before it."""

    def advance(self, units: float = 1.0, note: str = "") -> None:
        """Report `units` more done; `note` is a short live text such as the losses."""

    def say(self, line: str) -> None:
        """Show one line that stays, such as a warning."""


class Silent:
    """Progress that nobody watches."""

    def begin(self, label: str, total: float | None) -> None:
        pass

    def advance(self, units: float = 1.0, note: str = "") -> None:
        pass

    def say(self, line: str) -> None:
        pass
