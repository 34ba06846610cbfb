"""`understudy edit preset`: settings under a name."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from understudy.cli.console import Display
from understudy.cli.edit_change import change, named_values
from understudy.merging.edits import EditList
from understudy.merging.edits.changes import define_preset, parse_numbers, set_preset


@dataclass
class Command:
    """Make a preset, or let shots start from one: understudy edit preset close erode=3 blur=20 --shots 2-4."""

    name: Annotated[Positional[str], arg(metavar="NAME")]
    """Of the preset."""
    values: Annotated[Positional[list[str]], arg(metavar="[SETTING=VALUE ...]")] = field(default_factory=list)
    """Settings, such as erode=3, in the place of those that the preset has."""
    shots: str | None = None
    """Numbers of the shots that are to start from it, such as 3, 2-5 or all."""
    person: str | None = None
    """Only for this person's face, such as person:1."""
    remove: bool = False
    """Take the preset away; no shot may start from it. With --shots: let these start from it no more."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        def changed(edits: EditList) -> EditList:
            if self.values:
                edits = define_preset(edits, self.name, named_values(self.values))
            if self.shots is not None:
                numbers = parse_numbers(self.shots, len(edits.shots))
                return set_preset(edits, numbers, None if self.remove else self.name, person=self.person)
            return define_preset(edits, self.name, None) if self.remove else edits

        return change(self.project, changed, f"preset {self.name} {' '.join(self.values)}".strip(), display)
