"""What an import of another program's model brought."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Imported:
    """A model that came in.

    Attributes:
        folder: the model's folder in the project.
        kind: of network.
        iteration: iterations done.
        notes: what was missing or could not be carried over, a line each.
    """

    folder: Path
    kind: str
    iteration: int
    notes: tuple[str, ...]
