"""How long an iteration of one model takes beside another's: what makes budgets of equal time."""

import json
import statistics
import time
from pathlib import Path

import torch

from understudy.models import create_model
from understudy.project import Progress
from understudy.project.atomic import write_text
from understudy.training import TrainSettings
from understudy.training.bank import FaceBank, margin_of
from understudy.training.hardware import Hardware
from understudy.training.trainer import Trainer

_ROUNDS = 9
_WARM_UP = 2
_FACES = 16


class Paces:
    """Seconds of one model's iteration in those of another's, measured once and then kept in a file.

    What is kept decides how long models are trained for, and so by what names their results go: a run that is
    broken off goes on with the same numbers.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, settings: TrainSettings, against: TrainSettings, progress: Progress) -> float:
        """Iterations of `against` that take as long as one of `settings`.

        Raises:
            UnderstudyError: settings that suit no network, or no GPU where one is asked for.
        """
        if settings == against:
            return 1.0
        key = json.dumps([one.model_dump(mode="json") for one in (settings, against)], sort_keys=True)
        known = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        if key not in known:
            known[key] = measure_pace(settings, against, progress)
            write_text(self._path, json.dumps(known, indent=1))
        return float(known[key])


def measure_pace(settings: TrainSettings, against: TrainSettings, progress: Progress) -> float:
    """Time both on random pictures, in turns; see `Paces.of`.

    The ratio is the median over the rounds. What else runs on the machine slows both steps of a round alike, and a
    round in which it does not is outvoted.
    """
    trainers = [_trainer(settings), _trainer(against)]
    progress.begin(f"timing {settings.model} beside {against.model}", _WARM_UP + _ROUNDS)
    ratios = []
    for _ in range(_WARM_UP + _ROUNDS):
        seconds, others = map(_seconds_of_a_step, trainers)
        ratios.append(seconds / others)
        progress.advance()
    return statistics.median(ratios[_WARM_UP:])


def _trainer(settings: TrainSettings) -> Trainer:
    network = create_model(settings.model, settings.network.config())
    margin = margin_of(network.resolution)
    side = network.resolution + 2 * margin
    noise = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (_FACES, 5, side, side), dtype=torch.uint8, generator=noise)
    bank = FaceBank(pixels, torch.zeros(_FACES), network.resolution, margin)
    hardware = Hardware.choose(settings.device, settings.precision)
    return Trainer(network, bank, bank, settings=settings, hardware=hardware)


def _seconds_of_a_step(trainer: Trainer) -> float:
    started = time.perf_counter()
    trainer.step().tolist()  # waits for the device
    return time.perf_counter() - started
