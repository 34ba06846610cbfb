"""`understudy faceset index`: measure now what is measured anyway when it is first asked for."""

from dataclasses import dataclass
from pathlib import Path

import tyro

from understudy.cli.console import Display
from understudy.cli.faceset_folder import faceset_folder
from understudy.facesets import Faceset


@dataclass
class Command:
    """Read and measure the faces that are new or changed. Interrupted, it goes on where it was."""

    faceset: tyro.conf.Positional[str]
    """src, dst, or a folder of faces."""
    project: Path = Path()
    """The project folder."""

    def run(self, display: Display) -> int:
        faceset = Faceset(faceset_folder(self.faceset, self.project), skip_damaged=True, progress=display)
        new = len(faceset.index.unmeasured())
        faceset.measure()
        for name, fault in faceset.damaged.items():
            display.say(f"damaged: {name}: {fault}")
        display.result(
            f"{len(faceset)} faces, {new} of them measured now: {faceset.index.path}",
            {
                "faces": len(faceset),
                "measured": new,
                "damaged": dict(faceset.damaged),
                "index": str(faceset.index.path),
            },
        )
        return 0
