"""`understudy faceset list`: faces by a condition."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset
from understudy.facesets.index import MEASURES, TRAITS
from understudy.project import UnderstudyError


@dataclass
class Command:
    """List faces, for example those `--where "sharpness < 0.05 and abs(yaw) < 0.3" --order "brightness desc"`."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    where: str = ""
    """An SQL condition over what is known of the faces; all when not given."""
    order: str = ""
    """An SQL expression to sort by; name when not given."""
    limit: int | None = None
    """List no more than that."""
    show: tuple[str, ...] = ("clip", "frame", "yaw", "pitch")
    """What to show of each."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        unknown = [column for column in self.show if column not in {**TRAITS, **MEASURES}]
        if unknown:
            raise UnderstudyError(f"nothing is known of '{unknown[0]}'; there are {', '.join([*TRAITS, *MEASURES])}")
        names = faceset.query(self.where, order_by=self.order, limit=self.limit)
        columns = faceset.columns(*self.show)
        place = {name: at for at, name in enumerate(faceset.names)}
        faces = [{"name": name, **{key: columns[key].tolist()[place[name]] for key in self.show}} for name in names]
        rows = [["name", *self.show], *([_shown(value) for value in face.values()] for face in faces)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        text = "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in rows)
        display.result(
            f"{text}\n{len(names)} of {len(faceset)} faces", {"faces": faces, "damaged": dict(faceset.damaged)}
        )
        return 0


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
