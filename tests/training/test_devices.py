"""Two processes come to what one comes to with the same batch, stop together, and do not outlive each other."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from pydantic import ValidationError
from safetensors.torch import load_file
from torch import Tensor

import rank_program
from understudy.models import latest_model, load_model
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import NetworkSettings, TrainSettings, train
from understudy.training.device_count import count_devices
from understudy.training.devices import environment
from understudy.training.settings import check_shares

MakeSettings = Callable[..., TrainSettings]
CPU = torch.device("cpu")

LIAE = NetworkSettings(resolution=32, archi="liae-ud", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
AMP = NetworkSettings(resolution=32, ae_dims=8, inter_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
OUTCOMES = {
    "plain": {},
    "uneven": {"batch_size": 5},
    "accumulated": {"batch_size": 3, "accumulate": 2},
    "rates": {"lr_dropout": "cpu", "clipgrad": True, "ema": 4, "moments": "host"},
    "samples": {"uniform_yaw": True, "random_src_flip": True, "random_hsv_power": 0.1, "ct_mode": "sot"},
    "weights": {"eyes_mouth_prio": True, "blur_out_mask": True, "optimizer": "rmsprop"},
    "judged": {"gan_power": 0.1, "true_face_power": 0.01, "optimizer": "adabelief"},
    "styled": {"face_style_power": 10, "bg_style_power": 10, "network": LIAE},
    "amp": {"model": "amp", "network": AMP, "gan_power": 0.1},
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, drawn_facesets: Path, tiny: MakeSettings) -> Path:
    """What two processes wrote that did all that `rank_program` knows, one thing after another."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "clip.mp4").touch()
    project = Project.create(folder / "film", src=[folder / "clip.mp4"], dst=[folder / "clip.mp4"])
    for side in ("src", "dst"):
        project.data(side).mkdir()
        project.aligned(side).symlink_to(drawn_facesets / side)
    task = {
        "facesets": str(drawn_facesets),
        "answers": str(folder),
        "outcomes": {name: tiny(**options).model_dump(mode="json") for name, options in OUTCOMES.items()},
        "project": str(project.root),
        "shortages": tiny(batch_size=12, iterations=3, gan_power=0.1).model_dump(mode="json"),
    }
    (folder / "task.json").write_text(json.dumps(task))
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    command = [sys.executable, rank_program.__file__, str(folder / "task.json")]
    running = [subprocess.Popen(command, env={**os.environ, **environment(rank, 2, store.port)}) for rank in range(2)]
    try:
        assert [process.wait(240) for process in running] == [0, 0]
    finally:
        for process in running:
            process.kill()
            process.wait()
    return folder


def apart(a: dict[str, Tensor], b: dict[str, Tensor]) -> dict[str, float]:
    """By how much tensors differ, as a share of the largest number in them."""
    assert a.keys() == b.keys()
    scale = {key: max(1e-3, float(tensor.double().abs().max())) for key, tensor in b.items() if tensor.numel()}
    return {key: float((a[key].double() - b[key].double()).abs().max()) / one for key, one in scale.items()}


@pytest.mark.parametrize("name", OUTCOMES)
def test_two_are_one_with_the_same_batch(answers: Path, drawn_facesets: Path, tiny: MakeSettings, name: str) -> None:
    alone = rank_program.outcome(drawn_facesets, tiny(**OUTCOMES[name]))
    both = load_file(answers / f"{name}.safetensors")
    assert {key: by for key, by in apart(both, alone).items() if by > 1e-4} == {}
    assert all(torch.equal(both[key], alone[key]) for key in alone if not both[key].is_floating_point())


def test_all_make_do_with_what_one_of_them_holds(answers: Path) -> None:
    told = json.loads((answers / "shortages.json").read_text())
    assert [line for line in told["lines"] if "memory" in line] == [
        "out of memory with batches of 12: going on with 9",
        "out of memory with batches of 9: going on with 6",
    ]
    assert told["alike"]


def test_a_model_moves_between_one_process_and_two(project: Project, tiny: MakeSettings) -> None:
    options = {"clipgrad": True, "ema": 4, "lr_dropout": "cpu", "random_dst_flip": True, "optimizer": "rmsprop"}
    train(project, tiny(name="moved", iterations=3, **options), Silent())
    result = train(project, tiny(name="moved", iterations=6, devices=2, **options), Silent())
    assert result.iteration == 6
    assert result.folder == project.model_folder("moved")
    train(project, tiny(name="moved", iterations=9, **options), Silent())
    train(project, tiny(name="stayed", iterations=9, **options), Silent())
    moved, stayed = (load_model(latest_model(project.model_folder(name))).state_dict() for name in ("moved", "stayed"))
    assert max(apart(moved, stayed).values()) < 1e-3
    moved, stayed = (load_file(project.model_folder(name) / "0000009" / "training.safetensors") for name in ("moved", "stayed"))
    assert torch.equal(moved["random"], stayed["random"])
    assert [path.name for path in project.model_folder("moved").glob(".*")] == [".lock"]


class Children(Silent):
    """Sends the second of the processes that this one has started a signal, once it trains."""

    def __init__(self, number: signal.Signals) -> None:
        self._number: signal.Signals | None = number

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
def test_whoever_is_asked_all_stop_and_save_once(project: Project, tiny: MakeSettings) -> None:
    result = train(project, tiny(devices=2, iterations=0), Children(signal.SIGTERM))
    saved = {int(path.name) for path in result.folder.glob("0*")}
    assert result.iteration == max(saved) > 0
    assert len(saved) <= 2  # the first iteration's, and the last one's


@on_linux
@pytest.mark.slow
def test_a_process_that_dies_ends_the_others(project: Project, tiny: MakeSettings) -> None:
    with pytest.raises(UnderstudyError, match=r"the process of device 2 of 2 was killed \(signal 9\): run the same"):
        train(project, tiny(devices=2, iterations=0), Children(signal.SIGKILL))
    assert train(project, tiny(iterations=3), Silent()).iteration >= 3  # whose lock is free


@pytest.mark.slow
def test_what_one_cannot_do_is_one_line(project: Project, tiny: MakeSettings) -> None:
    train(project, tiny(iterations=1), Silent())
    sizes = tiny().network.model_copy(update={"d_dims": 16})
    with pytest.raises(UnderstudyError, match="d_dims 8: keep that, or give another --name"):
        train(project, tiny(network=sizes, devices=2), Silent())


@pytest.mark.slow
def test_torchrun_starts_them_too(project: Project, tiny: MakeSettings) -> None:
    (project.root / "understudy.toml").open("a").write(tomlkit.dumps({"train": tiny().model_dump(mode="json", exclude_defaults=True)}))


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
