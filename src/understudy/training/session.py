"""`train`: from two facesets to a swap network, resumable at any moment."""

import math
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from understudy.models import SwapNetwork, create_model
from understudy.project import SIDES, Progress, Project, UnderstudyError
from understudy.training.allocator import kept_pages
from understudy.training.bank import load_bank
from understudy.training.checkpoint import TrainingState, is_finite, load_checkpoint, save_checkpoint
from understudy.training.hardware import Hardware
from understudy.training.history import LossHistory
from understudy.training.interrupt import interrupt_sets
from understudy.training.preview import Preview
from understudy.training.settings import TrainSettings
from understudy.training.trainer import Trainer

_LOOK_EVERY = 0.5  # seconds between looks at the losses; each look waits for the device
_ROLLBACKS = 3
_RECENT = 100  # iterations that the reported losses average


@dataclass(frozen=True)
class TrainResult:
    """What a training came to.

    Attributes:
        folder: the model's folder.
        iteration: iterations done over all runs.
        src_loss, dst_loss: means of the last hundred iterations of this run, or of the run before.
        iterations_per_second: of this run.
    """

    folder: Path
    iteration: int
    src_loss: float
    dst_loss: float
    iterations_per_second: float


def train(
    project: Project, settings: TrainSettings, progress: Progress, *, stop: threading.Event | None = None
) -> TrainResult:
    """Train a network on the project's facesets; goes on where the model of that name was left.

    Stops at the settings' iteration or time, at Ctrl-C, or when `stop` is set by another thread; saves in each case.

    Raises:
        UnderstudyError: no faces, settings that do not fit the model's network, a full disk, or losses that stay
            infinite.
    """
    stop = stop or threading.Event()
    folder = project.model_folder(settings.name)
    hardware = Hardware.choose(settings.device, settings.precision)
    saved = load_checkpoint(folder, progress.say)
    network = _new_network(settings)
    if saved is not None:
        _check_same_network(network, saved[0], settings)
        network = saved[0]
        state = saved[1]
        if 0 < settings.iterations <= state.iteration or 0 < settings.until <= state.seconds:
            trained = f"{state.iteration} iterations, {state.seconds / 60:.0f} minutes"
            progress.say(f"{settings.name} has had {trained} already: raise --iterations or --until to go on")
            return TrainResult(folder, state.iteration, *state.losses, 0.0)
    with ExitStack() as stack:
        src, dst = (
            stack.enter_context(
                load_bank(
                    project.aligned(side),
                    face_type=network.face_type,
                    resolution=network.resolution,
                    progress=progress,
                )
            )
            for side in SIDES
        )
        trainer = Trainer(network, src, dst, settings=settings, hardware=hardware)
        run = _Run(folder, trainer, Preview(folder, src, dst, hardware), settings, progress)
        if saved is not None:
            run.resume(saved[1])
        stack.enter_context(interrupt_sets(stop))
        if hardware.device.type == "cpu":
            stack.enter_context(kept_pages())
        return run.until_stopped(stop)


def _new_network(settings: TrainSettings) -> SwapNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return create_model(settings.model, settings.network.config())


def _check_same_network(wanted: SwapNetwork, found: SwapNetwork, settings: TrainSettings) -> None:
    if (wanted.kind, wanted.config()) != (found.kind, found.config()):
        differing = [
            f"{key} {found.config().get(key)}"
            for key in wanted.config().keys() | found.config().keys()
            if wanted.config().get(key) != found.config().get(key)
        ]
        was = f"a {found.kind} network" + (f" with {', '.join(sorted(differing))}" if found.kind == wanted.kind else "")
        raise UnderstudyError(f"the model {settings.name} is {was}: keep that, or give another --name")


class _Run:
    """The loop around a trainer: clock, losses, checkpoints, previews."""

    def __init__(
        self, folder: Path, trainer: Trainer, preview: Preview, settings: TrainSettings, progress: Progress
    ) -> None:
        self._folder = folder
        self._trainer = trainer
        self._preview = preview
        self._settings = settings
        self._progress = progress
        self._seconds_before = 0.0
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)
        self._losses = (math.nan, math.nan)
        self._rollbacks = 0
        self._reached = 0.0  # on the bar

    def resume(self, state: TrainingState) -> None:
        """Go on from a checkpoint whose weights the network already has."""
        if not self._trainer.restore(state.iteration, state.tensors, average=state.average):
            self._progress.say(f"the optimizer is now {self._settings.optimizer}: its moments start from zero")
        self._seconds_before = state.seconds
        self._losses = state.losses

    def until_stopped(self, stop: threading.Event) -> TrainResult:
        trainer, settings = self._trainer, self._settings
        first = trainer.iteration
        self._open_history()
        started = looked = saved = time.monotonic()
        shown = -math.inf
        if first == 0:
            saved = -math.inf  # save a new model at once: a disk that cannot take it is better known now
        pending: list[Tensor] = []
        self._begin()
        while True:
            pending.append(trainer.step())
            now = time.monotonic()
            spent = self._seconds_before + now - started
            done = stop.is_set() or trainer.iteration == settings.iterations or 0 < settings.until <= spent
            if not done and now - looked < _LOOK_EVERY:
                continue
            losses = torch.stack(pending).tolist()  # waits for the device
            saving = done or now - saved >= settings.autosave
            if not math.isfinite(sum(map(sum, losses))) or (saving and not is_finite(trainer.network)):
                self._roll_back()
                pending.clear()
                continue
            now = time.monotonic()
            spent = self._seconds_before + now - started
            self._take_note(losses, rate=len(pending) / (now - looked), spent=spent)
            pending.clear()
            if saving:
                self._save(spent)
                saved = time.monotonic()
            if saving or 0 < settings.preview_every <= now - shown:
                self._show()
                shown = time.monotonic()
            looked = time.monotonic()
            if done:
                rate = (trainer.iteration - first) / (now - started)
                return TrainResult(self._folder, trainer.iteration, *self._losses, rate)

    def _open_history(self) -> None:
        self._history = LossHistory(self._folder / "loss.csv", iteration=self._trainer.iteration)

    def _begin(self) -> None:
        """Start the bar: counted in iterations where their number is given, else in seconds where a time is."""
        settings = self._settings
        total: float | None = None
        self._reached = float(self._trainer.iteration)
        if settings.iterations:
            total = settings.iterations - self._reached
        elif settings.until:
            self._reached = self._seconds_before
            total = settings.until - self._reached
        self._progress.begin(f"training {settings.name}", total)

    def _take_note(self, losses: list[list[float]], *, rate: float, spent: float) -> None:
        """Remember, write down and show the losses of the iterations since the last look."""
        iteration = self._trainer.iteration
        self._recent.extend((src_loss, dst_loss) for src_loss, dst_loss in losses)
        self._losses = src_loss, dst_loss = _mean(self._recent)
        self._history.append(iteration, *_mean(losses), spent)
        by_time = self._settings.until and not self._settings.iterations
        reached = spent if by_time else float(iteration)
        note = f"iteration {iteration}  src {src_loss:.3f}  dst {dst_loss:.3f}  {rate:.1f} it/s  {self._trainer.note()}"
        self._progress.advance(reached - self._reached, note)
        self._reached = reached

    def _save(self, seconds: float) -> None:
        trainer = self._trainer
        state = TrainingState(
            iteration=trainer.iteration,
            seconds=seconds,
            settings=self._settings.model_dump(mode="json"),
            losses=self._losses,
            tensors=trainer.tensors(),
        )
        save_checkpoint(self._folder, trainer.network, state, average=trainer.average)
        self._rollbacks = 0

    def _show(self) -> None:
        src_loss, dst_loss = self._losses
        caption = (
            f"{self._settings.name}   iteration {self._trainer.iteration}   src {src_loss:.3f}   dst {dst_loss:.3f}"
        )
        with self._trainer.shown():
            self._preview.write(self._trainer.network, caption)

    def _roll_back(self) -> None:
        """Return to the last checkpoint, but draw other batches than those that led here."""
        self._rollbacks += 1
        saved = load_checkpoint(self._folder, self._progress.say)
        if saved is None or self._rollbacks > _ROLLBACKS:
            raise UnderstudyError(
                f"the losses of {self._settings.name} became infinite at iteration {self._trainer.iteration}: "
                "lower --learning-rate, switch --clipgrad on, or train with --precision fp32"
            )
        network, state = saved
        self._progress.say(f"losses became infinite at iteration {self._trainer.iteration}: back to {state.iteration}")
        self._trainer.network.load_state_dict(network.state_dict())
        self._trainer.restore(state.iteration, state.tensors, average=state.average, random=False)
        self._open_history()
        self._begin()


def _mean(losses: Collection[Sequence[float]]) -> tuple[float, float]:
    return sum(src for src, _ in losses) / len(losses), sum(dst for _, dst in losses) / len(losses)
