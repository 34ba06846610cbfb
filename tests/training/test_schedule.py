"""A schedule is what people do by hand: its phases have their options, end where they say, and survive interruption."""

import json

import pytest
from pydantic import ValidationError

from understudy.project import UnderstudyError
from understudy.training import TrainSettings
from understudy.training.checkpoint import TrainingState
from understudy.training.phase_clock import PhaseClock
from understudy.training.plateau import GAIN, Plateau
from understudy.training.schedule import SCHEDULES, Phase


def settings(*phases: Phase) -> TrainSettings:
    return TrainSettings(schedule=phases)


@pytest.mark.parametrize("name", sorted(SCHEDULES.keys() - {"pretrained"}))
def test_a_name_stands_for_its_phases(name: str) -> None:
    named = TrainSettings(schedule=name)
    assert named.schedule == SCHEDULES[name]
    assert TrainSettings.model_validate_json(named.model_dump_json()) == named


def test_the_guides_have_eleven_steps() -> None:
    assert len(SCHEDULES["pretrained"]) == 11
    assert SCHEDULES["pretrained"][1:] == SCHEDULES["guided"]


@pytest.mark.parametrize(
    ("phases", "fault"),
    [
        ([{"name": "a"}, {"name": "b"}], "phase 'a' never ends"),
        ([{"name": "a", "options": {"batch_size": 0}}], "phase 'a': batch_size"),
        ([{"name": "a", "options": {"batchsize": 4}}], "phase 'a': batchsize"),
        ([{"name": "a", "options": {"seed": 4}}], "seed cannot change"),
        ("endless", "no schedule is called 'endless'"),
        ([{"name": "a", "plateau": -1}], "plateau"),
    ],
)
def test_faults_are_named(phases: object, fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        TrainSettings(schedule=phases)


def test_each_phase_has_its_options_on_top_of_the_others() -> None:
    clock = PhaseClock(settings(Phase(name="a", options={"batch_size": 2}, iterations=5), Phase(name="b")))
    assert clock.settings.batch_size == 2
    assert clock.next_phase(5, 1.0)
    assert clock.settings == TrainSettings()
    assert not clock.next_phase(6, 1.0)


def test_a_phase_of_so_many_iterations_is_looked_at_when_they_are_done() -> None:
    clock = PhaseClock(settings(Phase(name="a", iterations=5), Phase(name="b", iterations=3)))
    assert [n for n in range(1, 9) if clock.looks_at(n)] == [5]
    assert not clock.hear([], 4, 0.0)
    assert clock.hear([], 5, 0.0)
    clock.next_phase(5, 0.0)
    assert [n for n in range(1, 12) if clock.looks_at(n)] == [8]


def test_a_phase_of_some_time_counts_from_its_beginning() -> None:
    clock = PhaseClock(settings(Phase(name="a", time=10), Phase(name="b", time=10)))
    assert not clock.hear([], 1, 9.9)
    assert clock.hear([], 1, 10.0)
    clock.next_phase(1, 12.0)
    assert not clock.hear([], 2, 21.9)
    assert clock.hear([], 2, 22.0)


def test_without_a_schedule_nothing_ever_ends() -> None:
    clock = PhaseClock(TrainSettings())
    losses = [(1.0, 1.0)] * 100
    assert not any(clock.looks_at(n) or clock.hear(losses, n, 1e9) for n in (1, 1000, 10**6))
    assert clock.label == ""


def test_a_plateau_is_reached_when_a_window_gains_less_than_it_must() -> None:
    falling, flat = Plateau(10), Plateau(10)
    for n in range(100):
        falling.add((1 - 2 * GAIN) ** (n // 10))
        assert not falling.reached
    for _ in range(19):
        flat.add(1.0)
        assert not flat.reached
    flat.add(1.0)
    assert flat.reached


def test_a_clock_goes_on_from_its_saved_state_wherever_that_was_taken() -> None:
    schedule = settings(Phase(name="a", plateau=7), Phase(name="b", plateau=5), Phase(name="c"))
    losses = [(1.0 / (1 + n // 20), 0.5) for n in range(60)]

    def ends(interrupted_at: int) -> list[int]:
        clock, found = PhaseClock(schedule), []
        for n, pair in enumerate(losses, 1):
            if clock.hear([pair], n, float(n)) and clock.next_phase(n, float(n)):
                found.append(n)
            if n == interrupted_at:
                saved = json.loads(json.dumps(clock.state()))
                clock = PhaseClock(schedule)
                clock.restore(saved)
        return found

    whole = ends(0)
    assert len(whole) == 2
    assert all(ends(n) == whole for n in range(1, 60))


@pytest.mark.parametrize("state", [{}, {"phase": "x"}, {"phase": 0, "iteration": 0, "seconds": 0, "plateau": [1]}])
def test_a_damaged_place_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(UnderstudyError, match="damaged"):
        PhaseClock(settings(Phase(name="a"))).restore(state)


def test_editing_another_phase_does_not_disturb_the_present_one() -> None:
    first, last = Phase(name="a", iterations=10), Phase(name="z")
    clock = PhaseClock(settings(first, last))
    clock.edit(settings(first, Phase(name="new", iterations=3), last), 4, 0.0)
    assert clock.hear([], 10, 0.0)
    clock.edit(settings(Phase(name="a", iterations=20), last), 10, 0.0)
    assert not clock.hear([], 29, 0.0)
    assert clock.hear([], 30, 0.0)


def saved(clock: PhaseClock, made_with: TrainSettings, *, iteration: int) -> TrainingState:
    plain = made_with.model_dump(mode="json")
    return TrainingState(
        iteration, float(iteration), plain, (1.0, 1.0), {}, phase=json.loads(json.dumps(clock.state()))
    )


@pytest.mark.parametrize("end", [{"iterations": 10}, {"time": 10}, {"plateau": 5}])
def test_a_checkpoint_tells_that_a_phase_was_over(end: dict[str, int]) -> None:
    first, last = Phase(name="a", **end), Phase(name="b", iterations=3)
    alone = settings(first)
    clock = PhaseClock(alone)
    assert [clock.hear([(1.0, 1.0)], n, float(n)) for n in range(1, 11)] == [False] * 9 + [True]
    state = saved(clock, alone, iteration=10)
    assert PhaseClock.resumed(alone, state).is_over(10, 10.0)  # the schedule is through
    following = PhaseClock.resumed(settings(first, last), state)
    assert following.label == "2/2 b"
    assert not following.is_over(12, 12.0)
    assert following.is_over(13, 13.0)
    longer = Phase(name="a", **{key: 2 * value for key, value in end.items()})
    assert not PhaseClock.resumed(settings(longer), state).is_over(10, 10.0)


def test_a_schedule_that_is_new_to_a_model_begins_where_the_model_is() -> None:
    state = saved(PhaseClock(TrainSettings()), TrainSettings(), iteration=500)
    clock = PhaseClock.resumed(settings(Phase(name="a", iterations=10), Phase(name="b")), state)
    assert clock.label == "1/2 a"
    assert not clock.is_over(509, 509.0)
    assert clock.is_over(510, 510.0)
