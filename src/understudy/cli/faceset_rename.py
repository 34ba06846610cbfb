"""`understudy faceset rename`: other names for the files of a faceset."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.renaming import original_names
from understudy.facesets.sorting import number
from understudy.project import UnderstudyError


@dataclass
class Command:
    """Rename all files of a faceset. Say `--original` or `--number`."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    original: bool = False
    """Give the files the names that they had before they were first sorted or numbered."""
    number: bool = False
    """Call them 00000, 00001, ... in the order of their names."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        if self.original == self.number:
            raise UnderstudyError("say how to rename: either --original or --number")
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        first = faceset.columns("original_name")["original_name"].tolist()
        before = list(faceset.names)
        names = number(before) if self.number else original_names(dict(zip(before, first, strict=True)))
        faceset.rename(names)
        renamed = sum(old != new for old, new in names.items())
        display.result(f"{renamed} of {len(faceset)} faces renamed: {faceset.folder}", {"names": names})
        return 0
