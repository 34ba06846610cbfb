"""Training goes on exactly where it stopped, whatever stopped it, and learns."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
import torch

from understudy.models import SwapNetwork, latest_model, load_model
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import TrainSettings, read_losses, train
from understudy.training.trainer import Trainer

MakeSettings = Callable[..., TrainSettings]


class Lines(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def trained(project: Project, name: str) -> SwapNetwork:
    return load_model(latest_model(project.model_folder(name)))


def equal(a: SwapNetwork, b: SwapNetwork) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize("optimizer", ["adabelief", "rmsprop", "adam"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_ten_and_ten_are_twenty_bit_for_bit(
    project: Project, tiny: MakeSettings, optimizer: str, precision: str
) -> None:
    options = {"optimizer": optimizer, "precision": precision, "random_dst_flip": True, "lr_dropout": "cpu"}
    train(project, tiny(name="whole", **options), Silent())
    train(project, tiny(name="halves", iterations=10, **options), Silent())
    result = train(project, tiny(name="halves", iterations=20, **options), Silent())
    assert result.iteration == 20
    assert equal(trained(project, "whole"), trained(project, "halves"))
    whole, halves = (project.model_folder(name) / "0000020" / "training.safetensors" for name in ("whole", "halves"))
    assert whole.read_bytes() == halves.read_bytes()


def test_the_seed_decides(project: Project, tiny: MakeSettings) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(project, tiny(name=name, seed=seed, iterations=5), Silent())
    assert equal(trained(project, "a"), trained(project, "b"))
    assert not equal(trained(project, "a"), trained(project, "c"))


def test_it_learns_and_leaves_sheets_and_a_curve(project: Project, tiny: MakeSettings) -> None:
    first = train(project, tiny(iterations=5, learning_rate=1e-3), Silent())
    last = train(project, tiny(iterations=150, learning_rate=1e-3), Silent())
    assert last.src_loss < 0.7 * first.src_loss
    assert last.dst_loss < 0.7 * first.dst_loss
    assert last.iterations_per_second > 0
    curve = read_losses(last.folder / "loss.csv")
    assert curve[0][0] <= 5
    assert curve[-1][0] == 150
    assert [row[3] for row in curve] == sorted(row[3] for row in curve)
    for name in ("preview.jpg", "preview_masked.jpg"):
        assert cv2.imread(str(last.folder / name)).shape == (4 * 32 + 126, 5 * 32, 3)
    assert {"0000005", "0000150"} <= {path.name for path in last.folder.iterdir() if path.is_dir()}


@pytest.mark.parametrize(
    "changes",
    [
        {"masked_training": False},
        {"eyes_mouth_prio": True},
        {"clipgrad": True},
        {"random_warp": False},
        {"unwarped_every": 0},
        {"random_scale": 0.3},
        {"lr_dropout": "y"},
    ],
)
def test_every_option_changes_the_outcome(project: Project, tiny: MakeSettings, changes: dict[str, object]) -> None:
    train(project, tiny(name="plain", iterations=4), Silent())
    train(project, tiny(name="changed", iterations=4, **changes), Silent())
    assert not equal(trained(project, "plain"), trained(project, "changed"))


def test_a_model_at_its_goal_is_left_alone(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(iterations=3), Silent())
    lines = Lines()
    assert train(project, tiny(iterations=3), lines).iteration == 3
    assert lines.lines == ["tiny has had 3 iterations, 0 minutes already: raise --iterations or --until to go on"]


def test_time_limit(project: Project, tiny: MakeSettings) -> None:
    started = time.monotonic()
    result = train(project, tiny(iterations=0, until="1s"), Silent())
    assert time.monotonic() - started >= 1
    assert latest_model(result.folder).parent.name == f"{result.iteration:07d}"
    assert train(project, tiny(iterations=0, until="1s"), Silent()).iteration == result.iteration


def test_another_optimizer_starts_its_moments_from_zero(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(iterations=2, optimizer="adabelief"), Silent())
    lines = Lines()
    train(project, tiny(iterations=4, optimizer="adam"), lines)
    assert lines.lines == ["the optimizer is now adam: its moments start from zero"]


def test_another_network_under_the_same_name_is_refused(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(iterations=1), Silent())
    sizes = tiny().network.model_copy(update={"d_dims": 16})
    with pytest.raises(UnderstudyError, match="a saehd network with d_dims 8: keep that, or give another --name"):
        train(project, tiny(network=sizes), Silent())
    with pytest.raises(UnderstudyError, match="a saehd network: keep"):
        train(project, tiny(model="quick96", network={}), Silent())


def test_a_training_state_of_another_network_is_one_line(project: Project, tiny: MakeSettings) -> None:
    folder = train(project, tiny(iterations=1), Silent()).folder
    other = tiny(name="other", network=tiny().network.model_copy(update={"d_dims": 16}))
    train(project, other.model_copy(update={"iterations": 1}), Silent())
    for name in ("training.safetensors", "state.json"):
        shutil.copy(project.model_folder("other") / "0000001" / name, folder / "0000001" / name)
    state = json.loads((folder / "0000001" / "state.json").read_text())
    weights = (folder / "0000001" / "weights.safetensors").read_bytes()
    state["sha256"]["weights.safetensors"] = hashlib.sha256(weights).hexdigest()
    (folder / "0000001" / "state.json").write_text(json.dumps(state))
    with pytest.raises(UnderstudyError, match="does not fit its weights"):
        train(project, tiny(), Silent())


def test_no_faces_and_no_gpu_are_one_line(project: Project, tiny: MakeSettings) -> None:
    if not torch.cuda.is_available():
        with pytest.raises(UnderstudyError, match="--device cpu"):
            train(project, tiny(device="cuda"), Silent())
    project.aligned("dst").unlink()
    with pytest.raises(UnderstudyError, match="understudy extract"):
        train(project, tiny(), Silent())


def test_stops_and_saves_when_another_thread_asks(project: Project, tiny: MakeSettings) -> None:
    stop = threading.Event()
    results = []

    class StopsAtOnce(Silent):
        def advance(self, units: float = 1.0, note: str = "") -> None:
            stop.set()

    def work() -> None:
        results.append(train(project, tiny(iterations=0), StopsAtOnce(), stop=stop))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(120)
    assert results[0].iteration > 0
    assert latest_model(results[0].folder).parent.name == f"{results[0].iteration:07d}"


def test_infinite_losses_go_back_to_the_last_checkpoint(
    project: Project, tiny: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(project, tiny(iterations=5), Silent())
    step, poison = Trainer.step, [8, 8]

    def poisoned(trainer: Trainer) -> torch.Tensor:
        losses = step(trainer)
        if poison and trainer.iteration == poison[0]:
            poison.pop(0)
            with torch.no_grad():
                next(trainer.network.parameters()).fill_(float("nan"))
        return losses

    monkeypatch.setattr(Trainer, "step", poisoned)
    lines = Lines()
    train(project, tiny(iterations=12), lines)
    assert len(lines.lines) == 2
    assert all("back to 5" in line for line in lines.lines)
    assert all(bool(weight.isfinite().all()) for weight in trained(project, "tiny").parameters())

    poison[:] = [13] * 10
    with pytest.raises(UnderstudyError, match="lower --learning-rate"):
        train(project, tiny(iterations=60, autosave=3600), Lines())


PROGRAM = """
import sys
from pathlib import Path
from understudy.project import Project
from understudy.training import TrainSettings, train

class Lines:
    def begin(self, label, total): self.label = label
    def advance(self, units=1.0, note=""): print(self.label, flush=True)
    def say(self, line): print(line, flush=True)

print(train(Project(Path(sys.argv[1])), TrainSettings.model_validate_json(sys.argv[2]), Lines()).iteration)
"""


def start(project: Project, settings: MakeSettings, **changes: object) -> subprocess.Popen[str]:
    """Train in a process of its own, which has made progress when this returns."""
    document = settings(iterations=0, **changes).model_dump_json()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(project.root), document],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    while "training" not in process.stdout.readline():
        assert process.poll() is None
    return process


def newest(folder: Path) -> int:
    return max((int(path.name) for path in folder.glob("[0-9]*")), default=0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_saves_and_ends_cleanly(project: Project, tiny: MakeSettings, number: int) -> None:
    process = start(project, tiny)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert int(output.split()[-1]) == newest(project.model_folder("tiny")) > 0


def test_killed_it_resumes_from_the_last_autosave(project: Project, tiny: MakeSettings) -> None:
    process = start(project, tiny, autosave=0.5)
    folder = project.model_folder("tiny")
    deadline = time.monotonic() + 60
    while newest(folder) < 20 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.kill()
    process.wait()
    reached = newest(folder)
    assert reached >= 20
    lines = Lines()
    result = train(project, tiny(iterations=reached + 3), lines)
    assert result.iteration == reached + 3
    assert lines.lines == []
    assert [path.name for path in folder.glob(".*")] == [".lock"]
