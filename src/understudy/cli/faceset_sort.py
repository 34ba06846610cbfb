"""`understudy faceset sort`: a faceset in order."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.contact_sheet import write_contact_sheet
from understudy.facesets.sorting import METHODS, Direction, apply_order, arrange

_ENDS = 10  # faces on the sheet
_WIDTH = max(map(len, METHODS))
_METHODS = "\n".join(f"{name:<{_WIDTH}}  {method.about}" for name, method in METHODS.items())


@dataclass
class Command:
    """Sort a faceset by renaming its files to 00000, 00001, ..."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    by: str = "hist"
    """The order; `--methods` lists all."""
    direction: Direction = "natural"
    """natural is what `--methods` says."""
    target: int = 2000
    """How many faces `best` and `best-faster` keep; the others go to the trash, which `faceset restore` undoes."""
    list: bool = False
    """List the order, and what would go to the trash; touch no file."""
    sheet: Path | None = None
    """A JPEG picture to write: the first ten faces of the order, and the last ten."""
    methods: bool = False
    """Say what there is to sort by, and what comes first; touch no file."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        if self.methods:
            display.result(_METHODS, {name: method.about for name, method in METHODS.items()})
            return 0
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        order = arrange(faceset, self.by, direction=self.direction, target=self.target, progress=display)
        if self.sheet is not None:
            ends = {"first": order.names[:_ENDS], "last": order.names[-_ENDS:]}
            rows = [(f"{self.by}: {what}", [faceset.folder / name for name in names]) for what, names in ends.items()]
            write_contact_sheet(self.sheet, rows)
        if not self.list:
            apply_order(faceset, order)
        document = {"folder": str(faceset.folder), "names": order.names, "dropped": order.dropped}
        text = f"{len(order.names)} faces in order, {len(order.dropped)} in the trash: {faceset.folder}"
        if self.list:
            text = "\n".join([*order.names, *(f"{name}  ({reason})" for name, reason in order.dropped.items())])
        display.result(text, document)
        return 0
