"""In which phase of its schedule a training is, and when the next one begins."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from understudy.project.errors import UnderstudyError
from understudy.training.checkpoint import TrainingState
from understudy.training.plateau import Plateau
from understudy.training.schedule import Phase
from understudy.training.settings import TrainSettings


class PhaseClock:
    """Follows a training through its schedule; without one, there is a single phase that never ends.

    Args:
        settings: those of the whole training.
    """

    def __init__(self, settings: TrainSettings) -> None:
        self._settings = settings
        self._index = 0
        self._began = 0  # iterations of the training when the phase began
        self._began_seconds = 0.0
        self._plateau = Plateau(self._phase.plateau)

    @classmethod
    def resumed(cls, settings: TrainSettings, state: TrainingState) -> Self:
        """The clock of a training that goes on from a checkpoint; a schedule that is new to the model begins there.

        A phase that was over when the checkpoint was saved is followed by the next one, if there is one.

        Raises:
            UnderstudyError: the checkpoint's place is damaged.
        """
        clock = cls(settings)
        if state.phase and state.settings.get("schedule"):
            clock.restore(state.phase)
        else:
            clock._begin(state.iteration, state.seconds)
        if clock.is_over(state.iteration, state.seconds):
            clock.next_phase(state.iteration, state.seconds)
        return clock

    @property
    def _phase(self) -> Phase:
        schedule = self._settings.schedule
        return schedule[min(self._index, len(schedule) - 1)] if schedule else Phase(name="training")

    @property
    def settings(self) -> TrainSettings:
        """What the training does in this phase."""
        return self._settings.during(self._phase)

    @property
    def label(self) -> str:
        """The phase for a progress line; empty without a schedule."""
        schedule = self._settings.schedule
        return f"{self._index + 1}/{len(schedule)} {self._phase.name}" if schedule else ""

    def looks_at(self, iteration: int) -> bool:
        """Whether the phase may end just after this iteration, so that its losses must be looked at now."""
        phase, done = self._phase, iteration - self._began
        return done == phase.iterations or bool(phase.plateau and done % phase.plateau == 0)

    def hear(self, losses: Iterable[Sequence[float]], iteration: int, seconds: float) -> bool:
        """Take note of the losses of src and dst of every iteration up to this one; whether the phase is over."""
        for pair in losses:
            self._plateau.add(sum(pair))
        return self.is_over(iteration, seconds)

    def is_over(self, iteration: int, seconds: float) -> bool:
        """Whether the phase has come to one of its ends; of the last one: whether the schedule is through."""
        phase = self._phase
        return (
            0 < phase.iterations <= iteration - self._began
            or 0 < phase.time <= seconds - self._began_seconds
            or self._plateau.reached
        )

    def next_phase(self, iteration: int, seconds: float) -> bool:
        """Begin the next phase; False if this was the last one."""
        if self._index + 1 >= len(self._settings.schedule):
            return False
        self._index += 1
        self._begin(iteration, seconds)
        return True

    def _begin(self, iteration: int, seconds: float) -> None:
        self._began, self._began_seconds = iteration, seconds
        self._plateau = Plateau(self._phase.plateau)

    def restart(self) -> None:
        """Count the present phase's iterations and time from zero, as the training does after pretraining."""
        self._begin(0, 0.0)

    def edit(self, settings: TrainSettings, iteration: int, seconds: float) -> None:
        """Follow other settings from now on. A phase that has changed begins again, with what it has reached."""
        before = self._phase
        self._settings = settings
        self._index = min(self._index, max(0, len(settings.schedule) - 1))
        if self._phase != before:
            self._begin(iteration, seconds)

    def state(self) -> dict[str, Any]:
        """Where it is, as JSON values."""
        return {
            "phase": self._index,
            "iteration": self._began,
            "seconds": self._began_seconds,
            "plateau": self._plateau.state(),
            "reached": self._phase.plateau if self._plateau.reached else 0,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave; a schedule that has since become shorter is in its last phase.

        Raises:
            UnderstudyError: it is no such state.
        """
        try:
            self._index = min(max(0, int(state["phase"])), max(0, len(self._settings.schedule) - 1))
            self._began, self._began_seconds = int(state["iteration"]), float(state["seconds"])
            self._plateau = Plateau(self._phase.plateau)
            self._plateau.restore(state["plateau"])
            # One that was reached with another window has not been reached with this one.
            self._plateau.reached = 0 < self._phase.plateau == state.get("reached", 0)
        except (KeyError, TypeError, ValueError) as error:
            raise UnderstudyError(
                f"the saved place in the schedule is damaged ({error}): go back a checkpoint"
            ) from error
