"""What happens around the steps: phases, edits, want of memory, backups, histories, locks, the live page."""

import itertools
import json
import shutil
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import tomlkit
import torch
from PIL import Image
from torch import nn

from understudy.models import SwapNetwork, latest_model, load_model
from understudy.project import Project, Silent, UnderstudyError
from understudy.provenance import verify
from understudy.provenance.origin import clip_digest
from understudy.training import TrainSettings, read_losses, tensorboard, train
from understudy.training.backup import KEEP, back_up_when_due
from understudy.training.beginning import new_network
from understudy.training.live_settings import LiveSettings
from understudy.training.loss_chart import loss_chart
from understudy.training.preview import Preview
from understudy.training.trainer import Trainer
from understudy.training.watch import live_page

MakeSettings = Callable[..., TrainSettings]


class Lines(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def weights(project: Project, name: str) -> dict[str, torch.Tensor]:
    network: SwapNetwork = load_model(latest_model(project.model_folder(name)))
    return network.state_dict()


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[key], b[key]) for key in a)


PHASES = [
    {"name": "warp", "iterations": 8},
    {"name": "big", "options": {"batch_size": 6, "random_warp": False}, "iterations": 6},
    {"name": "last", "options": {"optimizer": "adabelief", "learning_rate": 1e-4}, "iterations": 6},
]


def test_a_schedule_is_the_same_training_wherever_it_is_interrupted(project: Project, tiny: MakeSettings) -> None:
    said = Lines()
    train(project, tiny(name="whole", iterations=0, schedule=PHASES), said)
    assert [line for line in said.lines if "phase" in line or "through" in line] == [
        "iteration 8: phase 2/3 big",
        "iteration 14: phase 3/3 last",
        "the schedule is through at iteration 20",
    ]
    train(project, tiny(name="whole", iterations=0, schedule=PHASES), Silent())
    for stop in (5, 8, 11, 14, 17, 20):
        train(project, tiny(name="parts", iterations=stop, schedule=PHASES), Silent())
    assert equal(weights(project, "whole"), weights(project, "parts"))


@pytest.mark.parametrize("end", [{"iterations": 3}, {"plateau": 3}])
def test_a_schedule_that_is_through_trains_nothing_more(
    project: Project, tiny: MakeSettings, end: dict[str, int]
) -> None:
    settings = tiny(iterations=50, learning_rate=1e-7, schedule=[{"name": "only", **end}])
    first = train(project, settings, Silent())
    said = Lines()
    again = train(project, settings, said)
    assert again.iteration == first.iteration
    assert again.iterations_per_second == 0
    assert said.lines == ["the schedule of tiny is through: add a phase, or lengthen the last, to go on"]


def test_a_schedule_is_what_one_would_do_by_hand(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(name="schedule", iterations=14, schedule=PHASES), Silent())
    train(project, tiny(name="hand", iterations=8), Silent())
    train(project, tiny(name="hand", iterations=14, batch_size=6, random_warp=False), Silent())
    assert equal(weights(project, "schedule"), weights(project, "hand"))


def test_a_plateau_ends_a_phase_at_the_same_iteration_every_time(project: Project, tiny: MakeSettings) -> None:
    phases = [{"name": "a", "plateau": 6}, {"name": "b", "plateau": 4}]
    told = []
    for name in ("one", "two"):
        said = Lines()
        train(project, tiny(name=name, iterations=60, learning_rate=1e-7, schedule=phases), said)
        told.append([line for line in said.lines if "phase" in line or "through" in line])
    assert told[0] == told[1]
    assert told[0]


def test_a_plateau_comes_no_later_for_an_interruption(project: Project, tiny: MakeSettings) -> None:
    phases = [{"name": "a", "plateau": 6}, {"name": "b", "options": {"batch_size": 6}}]
    still = {"schedule": phases, "learning_rate": 1e-7}
    train(project, tiny(name="whole", iterations=22, **still), Silent())
    for stop in (4, 12, 15, 22):
        train(project, tiny(name="parts", iterations=stop, **still), Silent())
    assert equal(weights(project, "whole"), weights(project, "parts"))


class EditsAfter(Lines):
    """Edits the project's file once the training has begun, and ends the training when that has been answered."""

    def __init__(self, path: Path, table: str) -> None:
        super().__init__()
        self._path, self._table = path, table
        self.answered = threading.Event()

    def say(self, line: str) -> None:
        super().say(line)
        if "following the file" in line or "training goes on as it was" in line:
            self.answered.set()

    def advance(self, units: float = 1.0, note: str = "") -> None:
        if self._table and not note.startswith("iteration 0 "):
            self._path.write_text(self._path.read_text() + self._table)
            self._table = ""


def test_an_edit_of_the_file_is_followed(project: Project, tiny: MakeSettings) -> None:
    said = EditsAfter(project.root / "understudy.toml", "\n[train]\nbatch_size = 2\nseed = 5\nautosave = '1h'\n")
    train(project, tiny(iterations=0, until="200s"), said, stop=said.answered)
    assert any("following the file's new autosave, batch_size" in line for line in said.lines)
    assert any(line.startswith("seed cannot change") for line in said.lines)
    state = json.loads((latest_model(project.model_folder("tiny")).parent / "state.json").read_text())
    assert state["settings"]["batch_size"] == 2
    assert state["settings"]["seed"] == 0


@pytest.mark.parametrize(
    "table",
    [
        "\n[train]\nbatch_size = 0\n",
        "\n[train\n",
        "\n[train]\nbatchsize = 3\n",
        "\n[train]\ncompile = 'graphs'\n",
        "\n[train]\nbatch_size = 'four'\n",
        "\n[train]\nlearning_rate = nan\n",
        "\n[train]\nschedule = 'no such'\n",
        "\n[train]\ngan_power = 0.1\ngan_patch_size = 64\n",
        "\n[train]\npretrain = true\n",
        "\n[train]\npretrain = true\npretrain_folder = 'nowhere'\n",
        "\n[train]\npretrain = true\npretrain_folder = '.'\n",
        "\n[train]\npretrain_folder = 'nowhere'\nschedule = 'pretrained'\n",
        "\n[train]\ntensorboard = true\n",
        "\n[[train]]\nbatch_size = 3\n",
    ],
)
def test_a_wrong_edit_is_told_and_changes_nothing(
    project: Project, tiny: MakeSettings, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard, "find_spec", lambda _: None)
    monkeypatch.chdir(project.root)
    said = EditsAfter(project.root / "understudy.toml", table)
    settings = tiny(iterations=0, until="200s")
    folder = train(project, settings, said, stop=said.answered).folder
    assert any("training goes on as it was" in line for line in said.lines)
    state = json.loads((latest_model(folder).parent / "state.json").read_text())
    assert state["settings"] == settings.model_dump(mode="json")


def test_an_edit_is_followed_from_a_checkpoint(project: Project, tiny: MakeSettings) -> None:
    said = EditsAfter(project.root / "understudy.toml", "\n[train]\nlearning_rate = 1e-3\n")
    folder = train(project, tiny(iterations=0, autosave=3600), said, stop=said.answered).folder
    before, after = (json.loads((path / "state.json").read_text()) for path in sorted(folder.glob("0*"))[-2:])
    assert before["settings"]["learning_rate"] == 2e-4
    assert after["settings"]["learning_rate"] == 1e-3
    assert f"iteration {before['iteration']}: following the file's new learning_rate" in said.lines


def test_fewer_iterations_than_are_done_end_the_training(project: Project, tiny: MakeSettings) -> None:
    said = EditsAfter(project.root / "understudy.toml", "\n[train]\niterations = 1\n")
    assert train(project, tiny(iterations=0), said).iteration >= 1


def test_tensorboard_may_be_switched_on_meanwhile(project: Project, tiny: MakeSettings) -> None:
    pytest.importorskip("tensorboard", reason="understudy[tensorboard] is not installed")
    said = EditsAfter(project.root / "understudy.toml", "\n[train]\ntensorboard = true\n")
    folder = train(project, tiny(iterations=0), said, stop=said.answered).folder
    assert list((folder / "tensorboard").glob("events*"))


def test_what_is_taken_out_of_the_file_stays_and_is_told(project: Project, tiny: MakeSettings) -> None:
    file = project.root / "understudy.toml"
    plain = file.read_text()
    file.write_text(plain + "\n[train]\nclipgrad = true\n")
    said = Lines()
    live = LiveSettings(Project(project.root), said)
    file.write_text(plain)
    assert live.edited(tiny(clipgrad=True)) is None
    assert said.lines == [f"no longer in {file}, and kept until the next run: clipgrad"]


def test_what_the_last_phase_cannot_do_is_known_before_the_first(project: Project, tiny: MakeSettings) -> None:
    phases = [{"name": "a", "iterations": 2}, {"name": "b", "options": {"compile": "graphs"}}]
    with pytest.raises(UnderstudyError, match="no CUDA device"):
        train(project, tiny(schedule=phases), Silent())
    assert not list(project.model_folder("tiny").glob("0*"))


PRETRAINING = [
    {"name": "pretraining", "options": {"pretrain": True}, "iterations": 6},
    {"name": "two people", "iterations": 4},
]


def test_pretraining_ends_the_same_by_schedule_and_by_hand(project: Project, tiny: MakeSettings) -> None:
    many = {"pretrain_folder": project.aligned("dst")}
    said = Lines()
    result = train(project, tiny(name="schedule", iterations=0, schedule=PRETRAINING, **many), said)
    assert result.iteration == 4  # counted anew
    assert [row[0] for row in read_losses(result.folder / "loss.csv")][-1] == 4
    assert any(line.startswith("pretrained;") for line in said.lines)
    assert {path.name for path in (result.folder / "pretrained").iterdir()} >= {"0000006"}

    train(project, tiny(name="hand", iterations=6, pretrain=True, **many), Silent())
    train(project, tiny(name="hand", iterations=4, **many), Silent())
    assert equal(weights(project, "schedule"), weights(project, "hand"))

    folder = project.model_folder("hand")
    for checkpoint in folder.glob("0*"):  # killed before the first checkpoint after pretraining
        shutil.rmtree(checkpoint)
    train(project, tiny(name="hand", iterations=4, **many), Silent())
    assert equal(weights(project, "schedule"), weights(project, "hand"))


def test_want_of_memory_makes_the_batch_smaller(
    project: Project, tiny: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Trainer.step

    def limited(self: Trainer) -> torch.Tensor:
        if self.batch_size > 5:
            torch.empty(1 << 60)
        return step(self)

    monkeypatch.setattr(Trainer, "step", limited)
    said = Lines()
    result = train(project, tiny(batch_size=12, iterations=3), said)
    assert result.iteration == 3
    assert [line for line in said.lines if "memory" in line] == [
        "out of memory with batches of 12: going on with 9",
        "out of memory with batches of 9: going on with 6",
        "out of memory with batches of 6: going on with 4",
    ]


def short_of_memory_in(
    monkeypatch: pytest.MonkeyPatch, part: Callable[[Trainer], nn.Module], *, at: int
) -> list[dict[str, torch.Tensor]]:
    """Let the second backward pass of batches of more than five fail in a part, at an iteration; the weights then."""
    step, found = Trainer.step, []

    def limited(self: Trainer) -> torch.Tensor:
        if self.batch_size <= 5 or self.iteration != at:
            return step(self)
        passes = itertools.count()

        def fail(_: torch.Tensor) -> None:
            if next(passes):
                raise torch.OutOfMemoryError("in the backward pass")

        weight = next(part(self).parameters())
        learns = weight.requires_grad
        hook = weight.requires_grad_().register_hook(fail)  # type: ignore[no-untyped-call]
        weight.requires_grad_(learns)
        try:
            return step(self)
        finally:
            hook.remove()
            assert not self.whole
            found.append({key: tensor.clone() for key, tensor in self.network.state_dict().items()})

    monkeypatch.setattr(Trainer, "step", limited)
    return found


ADVERSARIAL = {"gan_power": 0.1, "gan_patch_size": 8, "lr_dropout": "cpu", "ema": 2}


@pytest.mark.parametrize(
    ("part", "options"),
    [
        (lambda trainer: trainer.network.encoder, {}),
        (lambda trainer: trainer._adversaries["gan"]._module, ADVERSARIAL),
    ],
)
def test_a_step_that_memory_ended_halfway_leaves_no_trace(
    project: Project,
    tiny: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    part: Callable[[Trainer], nn.Module],
    options: dict[str, Any],
) -> None:
    train(project, tiny(name="hand", batch_size=6, iterations=2, **options), Silent())
    train(project, tiny(name="hand", batch_size=4, iterations=7, **options), Silent())
    train(project, tiny(name="new", batch_size=4, iterations=7, **options), Silent())

    train(project, tiny(name="short", batch_size=6, iterations=2, **options), Silent())
    half_done = short_of_memory_in(monkeypatch, part, at=4)
    said = Lines()
    train(project, tiny(name="short", batch_size=6, iterations=7, **options), said)
    assert "out of memory with batches of 6: going on with 4, 2 iterations back, at the last checkpoint" in said.lines
    assert len(half_done) == 1
    assert equal(weights(project, "short"), weights(project, "hand"))
    rows = [row[0] for row in read_losses(project.model_folder("short") / "loss.csv")]
    assert rows == sorted(set(rows))

    half_done = short_of_memory_in(monkeypatch, part, at=0)
    train(project, tiny(name="short of the first", batch_size=6, iterations=7, **options), said)
    assert said.lines[-1] == "out of memory with batches of 6: going on with 4"
    assert not equal(half_done[0], new_network(tiny()).state_dict())
    assert equal(weights(project, "short of the first"), weights(project, "new"))


def test_no_memory_for_one_face_is_one_line(
    project: Project, tiny: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "step", lambda self: torch.empty(1 << 60))
    with pytest.raises(UnderstudyError, match="not even one face"):
        train(project, tiny(batch_size=1), Silent())


def test_one_model_is_trained_once_at_a_time(project: Project, tiny: MakeSettings) -> None:
    stop, began = threading.Event(), threading.Event()

    class Begins(Silent):
        def begin(self, label: str, total: float | None) -> None:
            if label.startswith("training"):
                began.set()

    first = threading.Thread(target=train, args=(project, tiny(iterations=0), Begins()), kwargs={"stop": stop})
    first.start()
    assert began.wait(60)
    with pytest.raises(UnderstudyError, match="being trained"):
        train(project, tiny(), Silent())
    stop.set()
    first.join()
    assert train(project, tiny(iterations=10**6, until="0.1s"), Silent()).iteration


def test_backups_move_on_and_the_oldest_goes(project: Project, tiny: MakeSettings) -> None:
    folder = train(project, tiny(iterations=3), Silent()).folder
    state = latest_model(folder).parent / "state.json"
    for number in range(1, KEEP + 3):
        document = json.loads(state.read_text()) | {"seconds": 3600.0 * number}
        state.write_text(json.dumps(document))
        assert back_up_when_due(folder, hours=1, seconds=3600.0 * number)
        assert not back_up_when_due(folder, hours=1, seconds=3600.0 * number + 3599)
    kept = {
        path.name: json.loads((path / "state.json").read_text())["seconds"] for path in (folder / "backups").iterdir()
    }
    assert kept == {f"{n:02d}": 3600.0 * (KEEP + 3 - n) for n in range(1, KEEP + 1)}
    assert (folder / "backups" / "01" / "preview.jpg").exists()


def test_histories_and_the_summary(project: Project, tiny: MakeSettings) -> None:
    folder = train(project, tiny(iterations=3, write_preview_history=True), Silent()).folder
    train(project, tiny(iterations=6, write_preview_history=True), Silent())
    for sheet in ("preview", "preview_masked"):
        names = {path.name for path in (folder / "history" / sheet).iterdir()}
        assert {"0000003.jpg", "0000006.jpg"} <= names
    summary = (folder / "summary.txt").read_text()
    assert "resolution" in summary
    assert "iteration" in summary


def test_tensorboard_reads_the_losses(project: Project, tiny: MakeSettings) -> None:
    pytest.importorskip("tensorboard", reason="understudy[tensorboard] is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = train(project, tiny(iterations=4, tensorboard=True), Silent()).folder
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    assert "loss/src" in events.Tags()["scalars"]
    assert "preview" in events.Tags()["images"]


def test_a_preview_shows_a_swap_only_with_consent_and_marks_it(project: Project, tiny: MakeSettings) -> None:
    folder = train(project, tiny(iterations=2), Silent()).folder
    for sheet in ("preview.jpg", "preview_masked.jpg"):
        assert Image.open(folder / sheet).width == 5 * 32
        assert verify(folder / sheet).marked
    file = project.root / "understudy.toml"
    document = tomlkit.parse(file.read_text())
    document["src"].remove("consent")
    file.write_text(tomlkit.dumps(document))
    train(Project(project.root), tiny(iterations=4), Silent())
    assert Image.open(folder / "preview.jpg").width == 4 * 32


def test_a_preview_before_the_first_save_of_a_run_names_the_checkpoint_that_it_goes_on_from(
    project: Project, tiny: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = train(project, tiny(iterations=1), Silent()).folder
    named: list[str] = []
    write = Preview.write

    def heard(self: Preview, *given: Any, weights_sha256: str, **options: Any) -> tuple[Path, Path]:
        named.append(weights_sha256)
        return write(self, *given, weights_sha256=weights_sha256, **options)

    monkeypatch.setattr(Preview, "write", heard)
    looked_at = [{"name": "a", "plateau": 3}]  # every third iteration
    train(project, tiny(iterations=5, preview_every=1e-3, schedule=looked_at), Silent())
    assert named[0] == clip_digest(folder / "0000001" / "weights.safetensors")
    assert named[-1] == clip_digest(folder / "0000005" / "weights.safetensors")
    assert verify(folder / "preview.jpg").marked


def test_the_seed_pins_the_faces_of_the_preview(project: Project, tiny: MakeSettings) -> None:
    columns = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        folder = train(project, tiny(name=name, seed=seed, iterations=1), Silent()).folder
        columns[name] = np.asarray(Image.open(folder / "preview.jpg"))[-128:, :32]
    assert np.array_equal(columns["a"], columns["b"])
    assert not np.array_equal(columns["a"], columns["c"])


def test_every_column_of_a_preview_has_a_name(project: Project, tiny: MakeSettings) -> None:
    folder = train(project, tiny(iterations=1), Silent()).folder
    sheet = np.asarray(Image.open(folder / "preview.jpg"))
    names = sheet[-4 * 32 - 18 : -4 * 32]
    assert all(names[:, 32 * column :][:, :32].max() > 96 for column in range(5))
    first_line = sheet[:18].astype(int)
    assert (first_line[..., 2] - first_line[..., 0]).max() > 64  # src's loss in the colour of its curve
    assert (first_line[..., 0] - first_line[..., 2]).max() > 64  # and dst's


def test_the_chart_is_highest_where_the_loss_is() -> None:
    losses = [(1.0, 0.1)] * 50 + [(0.4, 0.1)] * 50
    chart = loss_chart(losses, width=100, height=50)
    src = (chart == (72, 148, 232)).all(2)
    assert src[:, :50].any(1).argmax() < src[:, 50:].any(1).argmax()
    assert loss_chart([], width=3, height=50).shape == (50, 3, 3)


def test_the_live_page_shows_the_model_and_nothing_else(tmp_path: Path) -> None:
    model = tmp_path / "a <b> model"
    model.mkdir()
    (model / "loss.csv").write_text("iteration,src_loss,dst_loss,seconds\n1,2,3,4\n")
    (model / "state.json").write_text("private")

    def get(path: str, host: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection(urlsplit(address).netloc)
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")

    with live_page(model, port=0) as address:
        assert "a &lt;b&gt; model" in get("/")[1]
        assert get("/loss.csv?1") == (200, (model / "loss.csv").read_text())
        for name in ("state.json", "preview.jpg", "../a", "%2e%2e/x", "loss.csv/../state.json"):
            assert get(f"/{name}")[0] == 404
        assert get("/loss.csv", host="evil.example:80")[0] == 403
        with pytest.raises(UnderstudyError, match="port"), live_page(model, port=urlsplit(address).port or 0):
            pass
    with pytest.raises(ConnectionError):
        get("/")
