"""The models that play in a merge: one for everybody, and others for people who have their own."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from understudy.merging.persons import PersonSettings
from understudy.merging.predictor import Predictor, best_device, ready_to_swap
from understudy.merging.segmentation import Segmenter
from understudy.merging.settings import MergeSettings
from understudy.models import latest_model, load_model, trained_last
from understudy.project import Project
from understudy.provenance import UsedModel
from understudy.training.hardware import is_fast_in_bf16


@dataclass(frozen=True, eq=False)
class Cast:
    """Loaded models.

    Attributes:
        predictor: of everybody who has no other.
        of_person: of those who have, by their name.
        models: what is used, the model for everybody first.
    """

    predictor: Predictor
    of_person: dict[str, Predictor]
    models: tuple[UsedModel, ...]

    def segment_with(self, segmenter: Segmenter | None) -> None:
        """Let a mask network, or none, add its masks to all predictions."""
        for predictor in (self.predictor, *self.of_person.values()):
            predictor.segmenter = segmenter


def load_cast(project: Project, model: str | None, persons: Sequence[PersonSettings], settings: MergeSettings) -> Cast:
    """Load every model once.

    Args:
        model: for everybody; the one trained last when None.

    Raises:
        UnderstudyError: a model is not there or cannot be read.
    """
    device = best_device()
    half = settings.precision == "bf16" or (settings.precision == "auto" and is_fast_in_bf16(device))
    chosen = model or trained_last(project.models)
    names = dict.fromkeys([chosen, *(person.model for person in persons if person.model is not None)])
    predictors: dict[str, Predictor] = {}
    used = []
    for name in names:
        weights = latest_model(project.model_folder(name))
        network = ready_to_swap(load_model(weights, device), half=half)
        predictors[name] = Predictor(network, device, batch_size=settings.batch_size, half=half)
        used.append(UsedModel(name=name, sha256=_sha256(weights), version=f"iteration {weights.parent.name}"))
    of_person = {person.name: predictors[person.model] for person in persons if person.model is not None}
    return Cast(predictors[chosen], of_person, tuple(used))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
