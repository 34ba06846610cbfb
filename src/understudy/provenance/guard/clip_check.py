"""One clip, checked: what was seen where, and what follows from it."""

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from understudy.media import Frame, FrameSource
from understudy.project.progress import Progress, Silent
from understudy.provenance.guard.network import Exposure, ExposureDetector, Part
from understudy.provenance.guard.rules import RULES_VERSION, Verdict, judge, level_of
from understudy.provenance.guard.sampling import samples
from understudy.zoo import GUARD
from understudy.zoo.catalogue import entry

_UNIT = Field(ge=0, le=1)


def guard_version() -> str:
    """Names rules and network; what an earlier version checked is checked again."""
    return f"{RULES_VERSION}-{entry(GUARD).sha256[:12]}"


class Sighting(BaseModel):
    """A sample that is not clear, by the most serious thing in it.

    Attributes:
        frame: index in the clip.
        time: seconds from the clip's start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame: int = Field(ge=0)
    time: float = Field(ge=0)
    part: Part
    score: float = _UNIT
    level: Literal["doubtful", "explicit"]


class ClipCheck(BaseModel):
    """What the guard saw in one clip.

    Attributes:
        version: of the guard.
        clip: SHA-256 of the clip's content.
        samples: frames looked at.
        sightings: those that are not clear, in order.
        highest: the highest score of each part in any sample, seen or not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    clip: str
    samples: int = Field(ge=1)
    sightings: tuple[Sighting, ...]
    highest: dict[Part, float]

    @property
    def verdict(self) -> Verdict:
        return judge(sighting.level for sighting in self.sightings)


def check_source(
    source: FrameSource,
    detector: ExposureDetector,
    *,
    clip: str,
    keep: Callable[[Frame, Sighting], None] | None = None,
    progress: Progress | None = None,
) -> ClipCheck:
    """Look at a clip's samples.

    Args:
        clip: SHA-256 of its content.
        keep: called with every sample that is not clear, small.

    Raises:
        UnderstudyError: a frame cannot be read, or there is none.
    """
    progress = progress or Silent()
    count = 0
    highest: dict[Part, float] = {}
    sightings: list[Sighting] = []
    for frame, checked in samples(source):
        progress.advance()
        if not checked:
            continue
        count += 1
        seen = detector.detect(frame.pixels)
        for exposure in seen:
            highest[exposure.part] = max(highest.get(exposure.part, 0.0), exposure.score)
        worst = max(filter(None, (_sighting(frame, exposure) for exposure in seen)), key=_gravity, default=None)
        if worst is not None:
            sightings.append(worst)
            if keep is not None:
                keep(frame, worst)
    return ClipCheck(version=guard_version(), clip=clip, samples=count, sightings=tuple(sightings), highest=highest)


def _sighting(frame: Frame, exposure: Exposure) -> Sighting | None:
    level = level_of(exposure)
    if level == "clear":
        return None
    score = round(exposure.score, 3)
    return Sighting(frame=frame.index, time=float(frame.time), part=exposure.part, score=score, level=level)


def _gravity(sighting: Sighting) -> tuple[bool, float]:
    return sighting.level == "explicit", sighting.score
