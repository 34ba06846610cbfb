"""What one of several processes does in the tests of many devices; the same functions, called alone, are its reference.

Run as a program, it finds its place in the environment and its task in the JSON file that is named on its command line.
"""

import json
import os
import sys
import threading
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from understudy.models import create_model
from understudy.project import Project, Silent
from understudy.training import TrainSettings, session
from understudy.training import team as team_module
from understudy.training.adversary import Adversary
from understudy.training.bank import load_bank
from understudy.training.hardware import Hardware
from understudy.training.ranks import ALONE, Ranks
from understudy.training.team import Team, joined
from understudy.training.trainer import Trainer

HARDWARE = Hardware(torch.device("cpu"), half=False)


def outcome(facesets: Path, settings: TrainSettings, ranks: Ranks = ALONE) -> dict[str, Tensor]:
    """Moments, discriminators and random state after a step, and the losses of three."""
    torch.manual_seed(0)
    network = create_model(settings.model, settings.network.config())
    src, dst = (
        load_bank(facesets / side, face_type="full", resolution=32, progress=Silent(), ahead=False)
        for side in ("src", "dst")
    )
    with src, dst:
        trainer = Trainer(network, src, dst, settings=settings, hardware=HARDWARE, ranks=ranks)
        losses = [ranks.total(trainer.step())]
        state = {name: tensor.clone() for name, tensor in trainer.tensors().items()}
        losses += [ranks.total(trainer.step()) for _ in range(2)]
    return {"losses": torch.stack(losses), **state}


class Lines(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def with_shortages(project: Project, settings: TrainSettings, team: Team) -> tuple[list[str], bool]:
    """A training in which only the last process lacks memory, first for a batch, then in the middle of an update.

    Returns:
        What was said, and whether all processes have the same state at the end, to the last bit.
    """
    step, learn = Trainer.step, Adversary.learn
    trainers: list[Trainer] = []
    short_in_update = [True]

    def short_step(trainer: Trainer) -> Tensor:
        trainers.append(trainer)
        if team.rank == team.count - 1 and trainer.batch_size > 9:
            torch.empty(1 << 60)
        return step(trainer)

    def short_learn(adversary: Adversary, *shown: Tensor, **options: float) -> None:
        if team.rank == team.count - 1 and short_in_update:
            short_in_update.pop()
            torch.empty(1 << 60)
        learn(adversary, *shown, **options)  # type: ignore[arg-type]

    Trainer.step, Adversary.learn = short_step, short_learn  # type: ignore[method-assign]
    lines = Lines()
    session._train(project, settings, lines, threading.Event(), None, False, HARDWARE, team)
    here = trainers[-1].tensors()
    differs = any(not torch.equal(here[name], tensor) for name, tensor in team.led_tensors(here).items())
    return lines.lines, not team.any(differs)


def stopped(project: Project, settings: TrainSettings, team: Team) -> int:
    """The iteration at which a training ended that only the last process was asked to stop, in the third step."""
    step, stop = Trainer.step, threading.Event()

    def asked_in_the_third(trainer: Trainer) -> Tensor:
        if team.rank == team.count - 1 and trainer.iteration == 2:
            stop.set()
        return step(trainer)

    Trainer.step = asked_in_the_third  # type: ignore[method-assign]
    try:
        return session._train(project, settings, Silent(), stop, None, False, HARDWARE, team).iteration
    finally:
        Trainer.step = step  # type: ignore[method-assign]


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    answers, project = Path(task["answers"]), Project(Path(task["project"]))
    team_module._BUCKET = 1000  # numbers: some of the small networks' tensors travel together, others by themselves
    with joined(torch.device("cpu")) as team:
        for name, settings in task["outcomes"].items():
            found = outcome(Path(task["facesets"]), TrainSettings.model_validate(settings), team)
            if team.leads:
                save_file({key: tensor.contiguous() for key, tensor in found.items()}, answers / f"{name}.safetensors")
        if "moved" in task:
            moved = TrainSettings.model_validate(task["moved"])
            session._train(project, moved, Silent(), threading.Event(), None, False, HARDWARE, team)
        if "halted" in task and "short" in task:
            halted, short = (TrainSettings.model_validate(task[name]) for name in ("halted", "short"))
            iteration = stopped(project, halted, team)
            lines, alike = with_shortages(project, short, team)
            answer = {"iteration": iteration, "lines": lines, "alike": alike}
            (answers / f"{team.rank}.json").write_text(json.dumps(answer))
    os._exit(0)  # before one of the library's threads aborts a process that ends less suddenly


if __name__ == "__main__":
    main()
