"""`understudy actors`: clips of performers who do not exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import tyro

from understudy.actors import Occluder, render_clip
from understudy.actors.occluders import OccluderKind
from understudy.cli.console import Display

_PLACES: Mapping[OccluderKind, Occluder] = {
    "hand": Occluder("hand", at=(-40.0, -62.0, 75.0), turn=-0.3, sway=30.0, period=2.6),
    "microphone": Occluder("microphone", at=(14.0, -80.0, 78.0), turn=0.25, sway=10.0, period=3.4),
    "lock": Occluder("lock", sway=3.0, period=2.0),
}


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
    occluders: list[OccluderKind] = field(default_factory=list)
    """What moves in front of the face: hand, microphone, lock (of hair)."""
    companion: int | None = None
    """Seed of a second performer in the frame; none when not given."""
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
            occluders=[_PLACES[kind] for kind in self.occluders],
            companion=self.companion,
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
