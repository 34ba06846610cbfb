"""`understudy edit set`: settings of shots."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from understudy.cli.console import Display
from understudy.cli.edit_change import change, named_values
from understudy.merging.edits.changes import parse_numbers, set_values


@dataclass
class Command:
    """Give shots settings of their own: understudy edit set erode=3 mode=seamless --shots 2-4. An empty value (erode=)
    takes a shot's own away."""

    values: Annotated[Positional[list[str]], arg(metavar="SETTING=VALUE [SETTING=VALUE ...]")]
    """Settings, such as erode=3; the names are those of the flags of 'merge'."""
    shots: str = "all"
    """Numbers of shots, such as 3, 2-5 or 1,4-6; all when not given."""
    person: str | None = None
    """Only for this person's face, such as person:1."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        values = named_values(self.values)
        return change(
            self.project,
            lambda edits: set_values(edits, parse_numbers(self.shots, len(edits.shots)), values, person=self.person),
            f"set {' '.join(self.values)} in shots {self.shots}",
            display,
        )
