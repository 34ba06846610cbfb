"""`understudy edit key`: settings that change over time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from understudy.cli.console import Display
from understudy.cli.edit_change import change
from understudy.merging.edits import Ease
from understudy.merging.edits.changes import remove_key, set_key
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Set a keyframe: understudy edit key erode 120 4.5 --ease smooth."""

    setting: Annotated[Positional[str], arg(metavar="SETTING")]
    """A setting that is a number, by the name of its flag."""
    frame: Annotated[Positional[int], arg(metavar="FRAME")]
    """The frame, counted from 1."""
    value: Annotated[Positional[float | None], arg(metavar="[VALUE]")] = None
    """What the setting is there."""
    ease: Ease = "linear"
    """The way to the next keyframe: stay until there, at one pace, or slowly off and slowly on."""
    remove: bool = False
    """Take the keyframe away."""
    person: str | None = None
    """Only for this person's face, such as person:1."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        name, value = self.setting.replace("-", "_"), self.value
        if self.remove:
            what = f"remove the keyframe of {name} at frame {self.frame}"
            return change(
                self.project, lambda edits: remove_key(edits, name, self.frame, person=self.person), what, display
            )
        if value is None:
            raise UnderstudyError(f"what is {name} at frame {self.frame}? Give a value, or --remove")
        return change(
            self.project,
            lambda edits: set_key(edits, name, self.frame, value, ease=self.ease, person=self.person),
            f"key {name} {value:g} at frame {self.frame}",
            display,
        )
