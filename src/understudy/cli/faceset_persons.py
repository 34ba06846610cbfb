"""`understudy faceset persons`: who is in a faceset."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.faces.identity import load_embedder
from understudy.facesets import Faceset
from understudy.facesets.contact_sheet import write_contact_sheet
from understudy.facesets.identity import find_persons, others_than

_SHOWN = 20  # persons
_PICTURES = 10  # of each


@dataclass
class Command:
    """Sort the faces into persons, person:1 the most frequent; list them, or keep some of them.

    What is not kept goes to the trash, which `faceset restore` undoes."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    keep: tuple[str, ...] = ()
    """Who stays, such as `person:1`."""
    embedder: str = "auto"
    """Tells people apart: sface or dlib (networks), frontal-hog (none), or auto, the best that is here without a
    download."""
    threshold: float | None = None
    """Distance up to which faces are one person; lower: more persons. The embedder's own when not given."""
    sheet: Path | None = None
    """A JPEG picture to write, with faces of each person."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        embedder = load_embedder(self.embedder)
        persons = find_persons(faceset, embedder, threshold=self.threshold)
        others = others_than(persons, self.keep) if self.keep else {}
        if self.sheet is not None:
            rows = [
                (f"{person.label}: {len(person.names)} faces", [faceset.folder / n for n in person.examples(_PICTURES)])
                for person in persons[:_SHOWN]
            ]
            write_contact_sheet(self.sheet, rows)
        lines = [
            f"{person.label:<10} {len(person.names):>7} faces, such as {person.examples(2)[-1]}" for person in persons
        ]
        if len(lines) > _SHOWN:
            rest = sum(len(person.names) for person in persons[_SHOWN:])
            lines[_SHOWN:] = [f"{len(persons) - _SHOWN} more with {rest} faces"]
        faceset.trash_for(others)
        if self.keep:
            lines.append(f"{len(others)} faces moved to the trash, {len(faceset)} left: {faceset.folder}")
        lines.append(f"told apart by {embedder.name}")
        document = {
            "embedder": embedder.name,
            "persons": [{"label": person.label, "names": person.names} for person in persons],
            "trashed": sorted(others),
        }
        display.result("\n".join(lines), document)
        return 0
