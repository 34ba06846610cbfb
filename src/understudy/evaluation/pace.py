"""How long an iteration of one model takes beside another's: what makes budgets of equal time."""

import json
import math
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from understudy.project import Progress, UnderstudyError
from understudy.project.atomic import write_text
from understudy.training import TrainSettings
from understudy.training.allocator import kept_pages
from understudy.training.hardware import Hardware
from understudy.training.on_noise import trainer_on_noise
from understudy.training.trainer import Trainer

_ROUNDS = 12
_NUMBERS = TypeAdapter(dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]])


class Paces:
    """Seconds of one model's iteration in those of another's, measured once and then kept in a file.

    What is kept decides how long models are trained for, and so by what names their results go: a run that is
    broken off goes on with the same numbers.

    Args:
        path: of the file.
        progress: is shown the measuring.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._progress = progress

    def of(self, settings: TrainSettings, against: TrainSettings) -> float:
        """Iterations of `against` that take as long as one of `settings`.

        Raises:
            UnderstudyError: settings that suit no network, no GPU where one is asked for, or a damaged file.
        """
        if settings == against:
            return 1.0
        key = json.dumps([one.model_dump(mode="json") for one in (settings, against)], sort_keys=True)
        known = self._known()
        if key not in known:
            known[key] = measure_pace(settings, against, self._progress)
            write_text(self._path, json.dumps(known, indent=1))
        return known[key]

    def _known(self) -> dict[str, float]:
        if not self._path.exists():
            return {}
        try:
            return _NUMBERS.validate_json(self._path.read_bytes())
        except (OSError, ValidationError) as error:
            raise UnderstudyError(f"{self._path} is damaged: delete it, and the paces are measured anew") from error


def measure_pace(settings: TrainSettings, against: TrainSettings, progress: Progress) -> float:
    """Time both on random pictures, in turns; see `Paces.of`.

    The shortest step of each counts, which is what else runs on the machine disturbs least.
    """
    with ExitStack() as stack:
        stack.enter_context(kept_pages())
        trainers = [
            stack.enter_context(trainer_on_noise(one, Hardware.choose(one.device, one.precision)))
            for one in (settings, against)
        ]
        progress.begin(f"timing {settings.model} beside {against.model}", _ROUNDS)
        shortest = [math.inf, math.inf]
        for _ in range(_ROUNDS):
            shortest = [min(known, _seconds_of_a_step(one)) for known, one in zip(shortest, trainers, strict=True)]
            progress.advance()
    return shortest[0] / shortest[1]


def _seconds_of_a_step(trainer: Trainer) -> float:
    started = time.perf_counter()
    trainer.step().tolist()  # waits for the device
    return time.perf_counter() - started
