"""The loop around a trainer: clock, losses, phases, checkpoints, previews."""

import math
import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from understudy.models import SwapNetwork
from understudy.project import Progress, UnderstudyError
from understudy.provenance import Origin
from understudy.training.backup import back_up_when_due
from understudy.training.bank import FaceBank
from understudy.training.beginning import PRETRAINED, new_model, newest_saved
from understudy.training.checkpoint import TrainingState, is_finite, put_aside, save_checkpoint
from understudy.training.compilation import compiling_failed
from understudy.training.hardware import Hardware
from understudy.training.history import LossHistory
from understudy.training.live_settings import LiveSettings
from understudy.training.out_of_memory import is_out_of_memory
from understudy.training.phase_clock import PhaseClock
from understudy.training.pretraining import end_pretraining
from understudy.training.preview import Preview
from understudy.training.preview_history import keep_in_history
from understudy.training.ranks import ALONE, Ranks
from understudy.training.settings import TrainSettings
from understudy.training.shared_state import led_checkpoint, led_state
from understudy.training.summary import write_summary
from understudy.training.tensorboard import Board, NoBoard, TensorBoard
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


class Run:
    """One program's share of a model's training.

    Args:
        folder: the model's.
        network: is trained in place.
        settings: how to train, over all phases.
        hardware: device and number format.
        faces: opens src's and dst's faces, which pretraining has others of.
        origin: marks the previews' swaps.
        file: tells what the user edits meanwhile; None where another rank leads.
        progress: is shown the losses.
        ranks: the processes of this training. All go through the same steps and decisions, by the leader's clock.
    """

    def __init__(
        self,
        folder: Path,
        network: SwapNetwork,
        settings: TrainSettings,
        hardware: Hardware,
        faces: Callable[[TrainSettings], tuple[FaceBank, FaceBank]],
        origin: Origin | None,
        file: LiveSettings | None,
        progress: Progress,
        ranks: Ranks = ALONE,
    ) -> None:
        self._folder = folder
        self._network = network
        self._faces = faces
        self._origin = origin
        self._settings = settings  # of the whole training; those of the moment are the clock's
        self._hardware = hardware
        self._file = file
        self._progress = progress
        self._ranks = ranks
        self._clock = PhaseClock(settings)
        self._largest_batch: int | None = None  # what the memory holds, once that is known
        self._uncompiled = False  # whatever the settings say
        self._weights_sha256 = ""
        self._saved = -math.inf  # a new model is saved at once: a disk that cannot take it is better known now
        self._seconds_before = 0.0
        # Unlike GPUs draw unlike numbers from one seed.
        self._unlike = ranks.any(hardware.name != ranks.led(lambda: hardware.name))
        self._now, self._stopping = ranks.agree()
        self._since = self._now
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)
        self._losses = (math.nan, math.nan)
        self._rollbacks = 0
        self._pending: list[Tensor] = []  # losses of the iterations since the last look
        self._reached = 0.0  # on the bar

    def begin(self) -> None:
        """Begin a new model."""
        self._open_faces()
        self._trainer = self._new_trainer()

    def resume(self, state: TrainingState) -> None:
        """Go on from a checkpoint whose weights the network already has.

        Raises:
            UnderstudyError: it is damaged, or does not fit the network.
        """
        state = self._find_place(state)
        self._seconds_before, self._losses = state.seconds, state.losses
        if state.iteration:
            self._saved = self._now
        self.begin()
        self._take_up(state)

    def _find_place(self, state: TrainingState) -> TrainingState:
        """Set the clock to a checkpoint; the state, begun anew where its pretraining is over."""
        self._clock, self._weights_sha256 = PhaseClock.resumed(self._settings, state), state.weights_sha256
        ended = state.phase.get("pretraining") and not self._clock.settings.pretrain
        return self._end_pretraining(state) if ended else state

    def _open_faces(self) -> None:
        settings = self._clock.settings
        self._banks = src, dst = self._faces(settings)
        self._faces_of = _general(settings)
        if self._ranks.leads:
            self._preview = Preview(self._folder, src, dst, self._hardware, seed=settings.seed, origin=self._origin)

    def _new_trainer(self) -> Trainer:
        settings = self._clock.settings
        if self._largest_batch is not None:
            settings = settings.model_copy(update={"batch_size": min(settings.batch_size, self._largest_batch)})
        if self._uncompiled:
            settings = settings.model_copy(update={"compile": "off"})
        if self._unlike and settings.lr_dropout == "y":
            settings = settings.model_copy(update={"lr_dropout": "cpu"})
        src, dst = self._banks
        self._ranks.align(self._network.parameters())
        return Trainer(self._network, src, dst, settings=settings, hardware=self._hardware, ranks=self._ranks)

    def _take_up(self, state: TrainingState, *, random: bool = True) -> None:
        if not self._trainer.restore(state.iteration, state.tensors, average=state.average, random=random):
            self._progress.say(f"the optimizer is now {self._clock.settings.optimizer}: its moments start from zero")

    def _state(self, seconds: float) -> TrainingState:
        trainer = self._trainer
        return TrainingState(
            iteration=trainer.iteration,
            seconds=seconds,
            settings=self._settings.model_dump(mode="json"),
            losses=self._losses,
            phase={**self._clock.state(), "pretraining": self._faces_of is not None},
            tensors=trainer.tensors(),
            average=None if trainer.average is None else trainer.average.weights,
        )

    def _adopt(self, seconds: float) -> None:
        """Train on with the settings of the moment, from the state of the moment."""
        state = led_state(self._ranks, lambda: self._state(seconds))
        self._network.zero_grad()
        before, now = self._faces_of, _general(self._clock.settings)
        if before != now:
            self._open_faces()
        if before and not now:
            state = self._end_pretraining(state)
        self._trainer = self._new_trainer()
        self._take_up(state)
        if before and not now:
            self._open_history()
            self._begin()

    def _end_pretraining(self, state: TrainingState) -> TrainingState:
        """Begin with the two performers: iterations, time and losses count anew; the pretrained model is kept."""
        if self._ranks.leads:
            put_aside(self._folder, self._folder / PRETRAINED)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._settings.seed)
            state = end_pretraining(self._network, state)
        self._clock.restart()
        self._seconds_before, self._since, self._saved = 0.0, self._now, -math.inf
        self._recent.clear()
        self._losses = state.losses
        self._progress.say(f"pretrained; the model as it was then stays in {self._folder / PRETRAINED}")
        return state

    def until_stopped(self, stop: threading.Event) -> TrainResult:
        """Train until the settings' iteration or time, the end of the schedule, or until `stop` is set.

        Raises:
            UnderstudyError: a full disk, no memory for a single face, or losses that stay infinite.
        """
        steps = 0
        self._since = looked = started = self._look_at_clock()
        shown = -math.inf
        self._open_history()
        self._begin()
        pending = self._pending
        while True:
            pending.append(self._step(stop))
            iteration, settings = self._trainer.iteration, self._settings
            done = self._stopping or 0 < settings.iterations <= iteration or 0 < settings.until <= self._spent()
            if not done and not self._clock.looks_at(iteration) and self._now - looked < _LOOK_EVERY:
                continue
            losses = self._ranks.total(torch.stack(pending)).tolist()  # waits for the device
            now, spent = self._look_at_clock(), self._spent()
            phase_is_over = self._clock.hear(losses, iteration, spent)
            edited = None if done else self._edited()
            # Before an edit too: it may be regretted, or be more than the memory holds.
            saving = done or phase_is_over or edited is not None or now - self._saved >= settings.autosave
            steps += len(pending)
            if saving:
                self._ranks.align(self._network.parameters())  # unlike devices may round an update differently
            if not math.isfinite(sum(map(sum, losses))) or (saving and not is_finite(self._network)):
                self._roll_back()
                if edited is not None:
                    self._follow(edited)
                continue
            self._take_note(losses, rate=len(pending) / (now - looked), spent=spent)
            pending.clear()
            if saving:
                self._save(spent)
            if phase_is_over and not done:
                done = not self._next_phase(iteration, spent)
            if edited is not None and not done:
                self._follow(edited)
            if saving or 0 < settings.preview_every <= now - shown:
                self._show()
                shown = now
            looked = self._look_at_clock()
            if done:
                return TrainResult(self._folder, iteration, *self._losses, steps / (now - started))

    def _look_at_clock(self) -> float:
        self._now, _ = self._ranks.agree()
        return self._now

    def _spent(self) -> float:
        """Seconds of training over all runs, when the clock was last looked at."""
        return self._seconds_before + self._now - self._since

    def _step(self, stop: threading.Event) -> Tensor:
        while True:
            try:
                losses = self._trainer.step()
                self._now, self._stopping = self._ranks.agree(stop=stop.is_set())
                return losses
            except (RuntimeError, MemoryError) as error:
                short, fault = is_out_of_memory(error), str(error).splitlines()[0]
                if short:
                    self._ranks.tell_of_shortage(error)
                elif not compiling_failed(error):
                    raise
            # Here, where the error and with it the step's tensors are gone.
            self._go_on(self._shrink(fault) if short else self._leave_uncompiled(fault))

    def _shrink(self, fault: str) -> str:
        """Three quarters of the batch from now on; what is to be said of that.

        Raises:
            UnderstudyError: a single face was too much.
        """
        batch, least = self._trainer.batch_size, self._ranks.count
        if batch == least:
            raise UnderstudyError(
                f"not even one face of each performer fits into the memory ({fault}): lower --resolution or the dims"
            )
        self._largest_batch = max(least, batch * 3 // 4)
        return f"out of memory with batches of {batch}: going on with {self._largest_batch}"

    def _leave_uncompiled(self, fault: str) -> str:
        """No compiling from now on; what is to be said of that.

        Raises:
            UnderstudyError: others would have to do the same at the same time.
        """
        if self._ranks.count > 1:
            raise UnderstudyError(f"the network cannot be compiled ({fault}): leave --compile off")
        self._uncompiled = True
        return f"the network cannot be compiled ({fault}): going on without"

    def _go_on(self, otherwise: str) -> None:
        """Go on after a step that failed: from where it began or, if it has left its traces, from the last checkpoint.

        Args:
            otherwise: what is done otherwise from now on.
        """
        if self._ranks.led(lambda: self._trainer.whole):  # what the others have is the leader's from now on
            self._progress.say(otherwise)
            self._adopt(self._spent())
        else:
            iteration = self._trainer.iteration
            del self._trainer  # its moments make room for those that are read
            network, state = self._newest_saved() or new_model(self._settings)
            self._return_to(network, state, random=bool(state.tensors))
            lost = iteration - self._trainer.iteration
            self._progress.say(f"{otherwise}, {lost} iterations back, at the last checkpoint" if lost else otherwise)
        if self._hardware.device.type == "cuda":
            torch.cuda.empty_cache()

    def _next_phase(self, iteration: int, spent: float) -> bool:
        """Begin the next phase of the schedule; False after the last."""
        if not self._clock.next_phase(iteration, spent):
            self._progress.say(f"the schedule is through at iteration {iteration}")
            return False
        self._progress.say(f"iteration {iteration}: phase {self._clock.label}")
        self._adopt(spent)
        return True

    def _edited(self) -> TrainSettings | None:
        """What the project's file now says, if that is new."""
        return self._ranks.led(lambda: None if self._file is None else self._file.edited(self._settings))

    def _follow(self, settings: TrainSettings) -> None:
        """Take up what was edited in the project's file."""
        before = self._settings.model_dump()
        changed = sorted(key for key, value in settings.model_dump().items() if value != before[key])
        iteration, spent = self._trainer.iteration, self._spent()
        self._progress.say(f"iteration {iteration}: following the file's new {', '.join(changed)}")
        self._settings = settings
        self._clock.edit(settings, iteration, spent)
        self._adopt(spent)
        if "tensorboard" in changed:
            self._open_history()
        self._begin()

    def _open_history(self) -> None:
        if not self._ranks.leads:
            return
        iteration = self._trainer.iteration
        self._history = LossHistory(self._folder / "loss.csv", iteration=iteration)
        self._board: Board = NoBoard()
        if self._settings.tensorboard:
            self._board = TensorBoard(self._folder / "tensorboard", iteration=iteration)

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
        if self._ranks.leads:
            self._history.append(iteration, *_mean(losses), spent)
            self._board.losses(iteration, *_mean(losses), rate)
        by_time = self._settings.until and not self._settings.iterations
        reached = spent if by_time else float(iteration)
        note = f"iteration {iteration}  src {src_loss:.3f}  dst {dst_loss:.3f}  {rate:.1f} it/s"
        beside = [word for word in (self._clock.label, self._trainer.note()) if word]
        self._progress.advance(reached - self._reached, "  ".join([note, *beside]))
        self._reached = reached

    def _save(self, seconds: float) -> None:
        if self._ranks.leads:
            self._write(seconds)
        self._saved = self._look_at_clock()
        self._rollbacks = 0

    def _write(self, seconds: float) -> None:
        trainer, settings = self._trainer, self._settings
        state = self._state(seconds)
        self._weights_sha256 = save_checkpoint(self._folder, self._network, state, average=trainer.average)
        write_summary(self._folder / "summary.txt", self._network, settings, self._hardware, state)
        if back_up_when_due(self._folder, hours=settings.autobackup_hour, seconds=seconds):
            self._progress.say(f"iteration {state.iteration}: backed up")

    def _show(self) -> None:
        if not self._ranks.leads:
            return
        iteration = self._trainer.iteration
        with self._trainer.shown():
            sheets = self._preview.write(
                self._network,
                f"{self._settings.name}   iteration {iteration}",
                latest=self._losses,
                losses=self._history.losses,
                weights_sha256=self._weights_sha256,
            )
        for sheet in sheets:
            self._board.picture(iteration, sheet)
            if self._settings.write_preview_history:
                keep_in_history(sheet, iteration)

    def _roll_back(self) -> None:
        """Return to the last checkpoint, but draw other batches than those that led here."""
        self._rollbacks += 1
        saved = self._newest_saved() if self._rollbacks <= _ROLLBACKS else None
        if saved is None:
            raise UnderstudyError(
                f"the losses of {self._settings.name} became infinite at iteration {self._trainer.iteration}: "
                "lower --learning-rate, switch --clipgrad on, or train with --precision fp32"
            )
        self._progress.say(
            f"losses became infinite at iteration {self._trainer.iteration}: back to {saved[1].iteration}"
        )
        self._return_to(*saved, random=False)

    def _newest_saved(self) -> tuple[SwapNetwork, TrainingState] | None:
        return led_checkpoint(self._ranks, lambda: newest_saved(self._folder, self._progress.say))

    def _return_to(self, network: SwapNetwork, state: TrainingState, *, random: bool) -> None:
        """Go on from a checkpoint; `random`: with the batches that followed it before."""
        self._network.zero_grad()
        self._network.load_state_dict(network.state_dict())
        state = self._find_place(state)
        if self._faces_of != _general(self._clock.settings):
            self._open_faces()
        self._trainer = self._new_trainer()
        self._take_up(state, random=random)
        self._pending.clear()
        self._open_history()
        self._begin()


def _general(settings: TrainSettings) -> Path | None:
    """The folder of many people's faces that is pretrained on; None while training on two performers."""
    return settings.pretrain_folder if settings.pretrain else None


def _mean(losses: Collection[Sequence[float]]) -> tuple[float, float]:
    return sum(src for src, _ in losses) / len(losses), sum(dst for _, dst in losses) / len(losses)
