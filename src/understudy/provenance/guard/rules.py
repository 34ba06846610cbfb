"""What counts as explicit, and when it stops a job."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from understudy.provenance.guard.network import Exposure, Part

Level = Literal["clear", "doubtful", "explicit"]

RULES_VERSION = 1
"""Counts up with every change of what is sampled or how it is judged; what was checked before is then checked anew."""

# Genitals and anus are explicit in any picture: the network has not given them more than 0.15 in thousands of frames of
# clothed people, and 0.25 is the score from which YOLOv8's detections count as such. Breasts and buttocks are explicit,
# too, but a chin in profile or a bare shoulder gets up to 0.54 as a breast, and so they must be surer. Bare bellies,
# feet, armpits and male chests, and whatever is covered, are none of the guard's business.
_DOUBTFUL_AND_EXPLICIT: dict[Part, tuple[float, float]] = {
    "female genitalia": (0.25, 0.4),
    "male genitalia": (0.25, 0.4),
    "anus": (0.25, 0.4),
    "female breast": (0.4, 0.6),
    "buttocks": (0.4, 0.6),
}

SAMPLES_TO_REFUSE = 2
"""So many explicit samples stop the job; so many doubtful ones, or a single explicit one, warn."""


def level_of(exposure: Exposure) -> Level:
    """How serious one finding is."""
    doubtful, explicit = _DOUBTFUL_AND_EXPLICIT[exposure.part]
    if exposure.score >= explicit:
        return "explicit"
    return "doubtful" if exposure.score >= doubtful else "clear"


@dataclass(frozen=True)
class Verdict:
    """What is to be done about a clip.

    Attributes:
        refused: the job must not go on.
        warned: the owner should look.
    """

    refused: bool
    warned: bool


def judge(levels: Iterable[Level]) -> Verdict:
    """The verdict on a clip, from the highest level of each of its samples."""
    seen = list(levels)
    explicit, doubtful = seen.count("explicit"), seen.count("doubtful")
    refused = explicit >= SAMPLES_TO_REFUSE
    return Verdict(refused, warned=not refused and (explicit > 0 or doubtful >= SAMPLES_TO_REFUSE))
