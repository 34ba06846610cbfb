"""A result's scores on disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from understudy.evaluation.perceptual import PerceptualBackend, perceptual_backend
from understudy.evaluation.scores import Scores
from understudy.project.atomic import write_text


class Scored(BaseModel):
    """What is written.

    Attributes:
        suite: version of the suite.
        perceptual: the feature network of the perceptual distance.
        settings: how the result was made; empty where nothing was chosen.
        clip, frames: as `Scores.document` gives them.
        seconds: time that each step of this run took.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: int
    perceptual: PerceptualBackend
    settings: dict[str, Any]
    clip: dict[str, float | None]
    frames: dict[str, list[float | None]]
    seconds: dict[str, float]

    def scores(self) -> Scores:
        return Scores.of(self.frames)


@dataclass(frozen=True)
class ScoreFile:
    """`scores.json` of one result.

    Attributes:
        folder: of the result.
        suite: version of the suite; scores of another are not read.
    """

    folder: Path
    suite: int

    def read(self, settings: Mapping[str, Any] | None = None) -> Scored | None:
        """The scores; None where there are none of this suite and feature network, or of these settings."""
        try:
            scored = Scored.model_validate_json((self.folder / "scores.json").read_bytes())
        except (OSError, ValidationError):
            return None
        if (scored.suite, scored.perceptual) != (self.suite, perceptual_backend()):
            return None
        return scored if settings is None or scored.settings == settings else None

    def write(self, scores: Scores, settings: Mapping[str, Any], seconds: Mapping[str, float]) -> None:
        """Write `scores` atomically."""
        document = {
            "suite": self.suite,
            "perceptual": perceptual_backend(),
            "settings": settings,
            **scores.document(),
            "seconds": seconds,
        }
        write_text(self.folder / "scores.json", json.dumps(document))
