"""Two processes come to what one comes to with the same batch, stop together, and do not outlive each other."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tomlkit
import torch
from pydantic import ValidationError
from safetensors.torch import load_file
from torch import Tensor

import rank_program
from understudy.models import latest_model, load_model
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import NetworkSettings, TrainSettings, train
from understudy.training.beginning import new_network
from understudy.training.device_count import count_devices
from understudy.training.devices import environment, meeting_place
from understudy.training.live_settings import LiveSettings
from understudy.training.settings import check_shares

MakeSettings = Callable[..., TrainSettings]
CPU = torch.device("cpu")

LIAE = NetworkSettings(resolution=32, archi="liae-ud", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
AMP = NetworkSettings(resolution=32, ae_dims=8, inter_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
QUICK = {
    "samples": {
        "batch_size": 3,  # which is no even number
        "accumulate": 2,
        "uniform_yaw": True,
        "random_src_flip": True,
        "random_hsv_power": 0.1,
        "ct_mode": "sot",
    },
    "judged": {"gan_power": 0.1, "true_face_power": 0.01, "optimizer": "adabelief"},
}
THOROUGH = {
    "updates": {
        "lr_dropout": "cpu",
        "clipgrad": True,
        "moments": "host",
        "optimizer": "rmsprop",
        "eyes_mouth_prio": True,
        "blur_out_mask": True,
    },
    "styled": {"face_style_power": 10, "bg_style_power": 10, "network": LIAE},
    "amp": {"model": "amp", "network": AMP, "gan_power": 0.1},
}
PHASES = [{"name": "a", "iterations": 5}, {"name": "b", "options": {"batch_size": 6, "random_warp": False}}]
MOVED = {"schedule": PHASES, "clipgrad": True, "ema": 4, "lr_dropout": "cpu", "random_dst_flip": True}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, drawn_facesets: Path) -> Project:
    """The project in which two processes train."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "clip.mp4").touch()
    project = Project.create(folder / "film", src=[folder / "clip.mp4"], dst=[folder / "clip.mp4"])
    for side in ("src", "dst"):
        project.data(side).mkdir()
        project.aligned(side).symlink_to(drawn_facesets / side)
    return project


def answered(film: Project, drawn_facesets: Path, **task: object) -> Path:
    """What two processes wrote that did what the task names of all that `rank_program` knows."""
    folder = film.root.parent
    given = {"facesets": str(drawn_facesets), "answers": str(folder), "project": str(film.root), **task}
    (folder / "task.json").write_text(json.dumps(given))
    store = meeting_place()
    command = [sys.executable, rank_program.__file__, str(folder / "task.json")]
    running = [subprocess.Popen(command, env={**os.environ, **environment(rank, 2, store.port)}) for rank in range(2)]
    try:
        assert [process.wait() for process in running] == [0, 0]
    finally:
        for process in running:
            process.kill()
            process.wait()
    return folder


def as_json(outcomes: dict[str, dict[str, object]], tiny: MakeSettings) -> dict[str, object]:
    return {name: tiny(**options).model_dump(mode="json") for name, options in outcomes.items()}


@pytest.fixture(scope="module")
def answers(film: Project, drawn_facesets: Path, tiny: MakeSettings) -> Path:
    """Where the outcomes of `QUICK` are, and what came of a stop and of want of memory."""
    several = {
        "halted": {"name": "halted", "iterations": 0},
        "short": {"name": "short", "batch_size": 12, "iterations": 3, "gan_power": 0.1},
    }
    return answered(film, drawn_facesets, outcomes=as_json(QUICK, tiny), **as_json(several, tiny))


@pytest.fixture(scope="module")
def more_answers(film: Project, drawn_facesets: Path, tiny: MakeSettings) -> Path:
    """Where the outcomes of `THOROUGH` are; two processes have gone on with the model `moved` too."""
    train(film, tiny(name="moved", iterations=3, **MOVED), Silent())
    several = {"moved": {"name": "moved", "iterations": 6, **MOVED}}
    return answered(film, drawn_facesets, outcomes=as_json(THOROUGH, tiny), **as_json(several, tiny))


def apart(a: dict[str, Tensor], b: dict[str, Tensor]) -> dict[str, float]:
    """By how much tensors differ, as a share of the largest number in them."""
    assert a.keys() == b.keys()
    scale = {key: max(1e-3, float(tensor.double().abs().max())) for key, tensor in b.items() if tensor.numel()}
    return {key: float((a[key].double() - b[key].double()).abs().max()) / one for key, one in scale.items()}


def two_are_one(both: dict[str, Tensor], alone: dict[str, Tensor]) -> None:
    assert {key: by for key, by in apart(both, alone).items() if by > 1e-4} == {}
    assert all(torch.equal(both[key], alone[key]) for key in alone if not both[key].is_floating_point())


@pytest.mark.parametrize("name", QUICK)
def test_two_are_one_with_the_same_batch(answers: Path, drawn_facesets: Path, tiny: MakeSettings, name: str) -> None:
    both = load_file(answers / f"{name}.safetensors")
    two_are_one(both, rank_program.outcome(drawn_facesets, tiny(**QUICK[name])))


@pytest.mark.slow
@pytest.mark.parametrize("name", THOROUGH)
def test_two_are_one_in_all_else(more_answers: Path, drawn_facesets: Path, tiny: MakeSettings, name: str) -> None:
    both = load_file(more_answers / f"{name}.safetensors")
    two_are_one(both, rank_program.outcome(drawn_facesets, tiny(**THOROUGH[name])))


def test_what_one_has_no_memory_for_is_too_much_for_all(answers: Path) -> None:
    leader, follower = (json.loads((answers / f"{rank}.json").read_text()) for rank in range(2))
    assert [line for line in leader["lines"] if "memory" in line] == [
        "out of memory with batches of 12: going on with 9",
        "out of memory with batches of 9: going on with 6",
    ]
    assert leader["alike"]
    assert follower["alike"]


def test_whoever_is_asked_all_stop_after_the_same_step(answers: Path, film: Project) -> None:
    assert [json.loads((answers / f"{rank}.json").read_text())["iteration"] for rank in range(2)] == [3, 3]
    assert latest_model(film.model_folder("halted")).parent.name == "0000003"


@pytest.mark.slow
@pytest.mark.usefixtures("more_answers")
def test_a_model_moves_between_one_process_and_two(film: Project, tiny: MakeSettings) -> None:
    train(film, tiny(name="moved", iterations=9, **MOVED), Silent())
    train(film, tiny(name="stayed", iterations=9, **MOVED), Silent())
    moved, stayed = (load_model(latest_model(film.model_folder(name))).state_dict() for name in ("moved", "stayed"))
    began = new_network(tiny()).state_dict()
    way = sum(float((stayed[key] - began[key]).square().sum()) for key in began) ** 0.5
    away = sum(float((stayed[key] - moved[key]).square().sum()) for key in began) ** 0.5
    assert away < 0.02 * way
    states = [load_file(film.model_folder(name) / "0000009" / "training.safetensors") for name in ("moved", "stayed")]
    assert states[0].keys() == states[1].keys()
    assert torch.equal(states[0]["random"], states[1]["random"])
    assert [path.name for path in film.model_folder("moved").glob(".*")] == [".lock"]


class Children(Silent):
    """Sends the second of the processes that this one has started a signal, once it trains."""

    def __init__(self, number: signal.Signals) -> None:
        self._number: signal.Signals | None = number
        self.labels: list[str] = []

    def begin(self, label: str, total: float | None) -> None:
        self.labels.append(label)

    def advance(self, units: float = 1.0, note: str = "") -> None:
        if note.startswith("iteration") and self._number:
            os.kill(self._second(), self._number)
            self._number = None

    @staticmethod
    def _second() -> int:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == os.getpid() and b"\0RANK=1\0" in b"\0" + (folder / "environ").read_bytes():
                    return int(folder.name)
            except OSError:
                continue
        raise LookupError("no second process")


on_linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")


@on_linux
@pytest.mark.slow
def test_a_signal_to_any_process_is_a_request_to_stop(project: Project, tiny: MakeSettings) -> None:
    said = Children(signal.SIGTERM)
    result = train(project, tiny(devices=2, iterations=0), said)
    assert result.folder == project.model_folder("tiny")
    assert latest_model(result.folder).parent.name == f"{result.iteration:07d}"
    assert said.labels == ["training tiny"]


@on_linux
@pytest.mark.slow
def test_a_process_that_dies_ends_the_others(project: Project, tiny: MakeSettings) -> None:
    with pytest.raises(UnderstudyError, match=r"the process of device 2 of 2 was killed \(signal 9\): run the same"):
        train(project, tiny(devices=2, iterations=0), Children(signal.SIGKILL))
    assert train(project, tiny(iterations=3), Silent()).iteration >= 3  # whose lock is free


@pytest.mark.slow
def test_what_they_cannot_do_is_one_line(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(iterations=1), Silent())
    sizes = tiny().network.model_copy(update={"d_dims": 16})
    with pytest.raises(UnderstudyError, match="d_dims 8: keep that, or give another --name"):
        train(project, tiny(network=sizes, devices=2), Silent())


@pytest.mark.slow
def test_torchrun_starts_them_too(project: Project, tiny: MakeSettings) -> None:
    table = tiny(iterations=3).model_dump(mode="json", exclude_defaults=True)
    file = project.root / "understudy.toml"
    file.write_text(file.read_text() + "\n" + tomlkit.dumps({"train": table}))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "understudy", "train", "--project", str(project.root), "--json"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    (document,) = map(json.loads, answer.stdout.splitlines())  # one of the two speaks
    assert document["iteration"] == 3
    assert newest_losses(project) == pytest.approx((document["src_loss"], document["dst_loss"]))


def newest_losses(project: Project) -> tuple[float, float]:
    state = latest_model(project.model_folder("tiny")).parent / "state.json"
    src_loss, dst_loss = json.loads(state.read_text())["losses"]
    return src_loss, dst_loss


def test_devices_as_people_write_them() -> None:
    assert TrainSettings(devices="all").devices == TrainSettings(devices="auto").devices == 0
    assert TrainSettings(devices="2").devices == 2
    for wrong in ("two", -1, 65):
        with pytest.raises(ValidationError):
            TrainSettings(devices=wrong)


def test_a_cpu_is_one_device_and_no_more_gpus_are_used_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (count_devices(0, CPU), count_devices(3, CPU)) == (1, 3)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    cuda = torch.device("cuda")
    assert (count_devices(0, cuda), count_devices(1, cuda)) == (2, 1)
    with pytest.raises(UnderstudyError, match="--devices 3: this host has 2 GPUs"):
        count_devices(3, cuda)


def test_a_batch_has_a_face_for_every_device(project: Project, tiny: MakeSettings) -> None:
    phases = [{"name": "a", "iterations": 5}, {"name": "b", "options": {"batch_size": 2}}]
    check_shares(tiny(batch_size=3), 3)
    with pytest.raises(UnderstudyError, match="batches of 2 cannot be shared by 3 devices: give --batch-size 3"):
        check_shares(tiny(schedule=phases), 3)
    with pytest.raises(UnderstudyError, match="batches of 1 cannot be shared by 2"):
        train(project, tiny(batch_size=1, devices=2), Silent())


def test_an_edit_that_leaves_a_device_without_a_face_is_not_followed(project: Project, tiny: MakeSettings) -> None:
    said = rank_program.Lines()
    live, file = LiveSettings(project, said, devices=3), project.root / "understudy.toml"
    before = file.read_text()
    file.write_text(before + "\n[train]\nbatch_size = 2\n")
    assert live.edited(tiny()) is None
    assert "batches of 2 cannot be shared by 3 devices" in said.lines[0]
    assert said.lines[0].endswith("training goes on as it was")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback has a single address")
def test_the_meeting_place_is_open_to_this_computer_alone() -> None:
    store = meeting_place()
    socket.create_connection(("127.0.0.1", store.port), timeout=20).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", store.port), timeout=20)
