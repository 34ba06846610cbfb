"""`understudy actors`: clips of performers who do not exist."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from understudy.actors import render_clip
from understudy.cli.console import Display


@dataclass
class Command:
    """Render a synthetic performer."""

    action: tyro.conf.Positional[Literal["render"]]
    """render: write a clip, and its truth if asked for."""
    out: Path
    """The video."""
    truth: Path | None = None
    """Also write the exact landmarks, pose, visibility and masks of every frame to this .npz file."""
    seed: int = 0
    """Who it is; equal seeds give equal performers."""
    performance: int | None = None
    """Seed of what they do; that of the performer when not given."""
    scene: int | None = None
    """Seed of light, camera and background; that of the performer when not given."""
    seconds: float = 10.0
    """Length of the clip."""
    size: int = 512
    """Side of the picture in pixels."""
    rate: float = 25.0
    """Frames per second."""
    depth: bool = False
    """Keep the depth of every pixel in the truth as well."""

    def run(self, display: Display) -> int:
        made = render_clip(
            self.out,
            truth=self.truth,
            seed=self.seed,
            performance=self.performance,
            scene=self.scene,
            seconds=self.seconds,
            rate=self.rate,
            size=self.size,
            depth=self.depth,
            progress=display,
        )
        for note in made.notes:
            display.say(note)
        display.result(f"{self.out}: {made.frames} frames", {"path": str(self.out), "frames": made.frames})
        return 0
