"""`understudy faceset duplicates`: the same face once."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.contact_sheet import write_contact_sheet
from understudy.facesets.duplicates import DEFAULT_THRESHOLD, find_duplicates, groups_of

_GROUPS, _PICTURES = 20, 12  # on the sheet


@dataclass
class Command:
    """Keep the sharpest of faces that are nearly the same; the others go to the trash, which `faceset restore`
    undoes."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    threshold: float = DEFAULT_THRESHOLD
    """Difference up to which a face is a duplicate: 1 is 8 grey levels, or a twentieth of a radian, or of the length of
    the nose between lids or lips."""
    list: bool = False
    """List the groups, the face that would stay first; touch no file."""
    sheet: Path | None = None
    """A JPEG picture to write, with the largest groups, the face that stays first."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        found = find_duplicates(faceset, threshold=self.threshold, progress=display)
        groups = groups_of(found)
        if self.sheet is not None and groups:
            rows = [
                (
                    f"{kept} and {len(others)} like it",
                    [faceset.folder / name for name in (kept, *others[: _PICTURES - 1])],
                )
                for kept, others in islice(groups.items(), _GROUPS)
            ]
            write_contact_sheet(self.sheet, rows)
        document = {"folder": str(faceset.folder), "groups": groups}
        if self.list:
            lines = [f"{kept}: {' '.join(others)}" for kept, others in groups.items()]
            lines.append(f"{len(found)} of {len(faceset)} faces are duplicates")
            display.result("\n".join(lines), document)
            return 0
        faceset.trash_for({name: f"duplicates: nearly the same as {kept}" for name, kept in found.items()})
        display.result(f"{len(faceset)} faces kept, {len(found)} in the trash: {faceset.folder}", document)
        return 0
