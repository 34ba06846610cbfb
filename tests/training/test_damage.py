"""Saved tensors that nobody wrote so are one line, whatever reads them."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from understudy.models import XSeg
from understudy.models.saved_xseg import save_xseg
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import TrainSettings, train
from understudy.training.average import WeightAverage
from understudy.training.checkpoint import load_checkpoint, save_checkpoint, saved_settings
from understudy.training.dfl_exchange import export_dfl

MakeSettings = Callable[..., TrainSettings]

ADVERSARIES = {"optimizer": "adabelief", "gan_power": 0.1, "gan_dims": 4, "gan_patch_size": 8, "true_face_power": 0.01}
DAMAGED = {
    "adabelief.updates": [torch.tensor(float("nan"))],
    "adabelief.m.encoder.layers.0.conv.weight": [torch.ones(3)],
    "gan.config": [torch.tensor(3), torch.tensor([10**9, 10**9]), torch.tensor([300, 4000])],
    "gan.weights.in_conv.weight": [torch.zeros(0)],
    "true_face.config": [torch.tensor([0, 0])],
    "random": [torch.zeros(5056, dtype=torch.int64)],
    "average.seen": [torch.zeros(0)],
}


def refused(work: Callable[[], object]) -> bool:
    """Whether it is refused with one line; any other error is a failure."""
    try:
        work()
    except UnderstudyError as error:
        line = str(error)
    else:
        return False
    assert "\n" not in line
    return True


def test_of_a_swap_network(project: Project, tiny: MakeSettings, tmp_path: Path) -> None:
    settings = tiny(iterations=1, ema=2, **ADVERSARIES)
    folder = train(project, settings, Silent()).folder
    network, state = load_checkpoint(folder, pytest.fail)
    for key, values in DAMAGED.items():
        assert key in state.tensors
        for number, value in enumerate(values):
            damaged = dataclasses.replace(state, tensors={**state.tensors, key: value})
            save_checkpoint(folder, network, damaged, average=WeightAverage(network, half_life=2))
            exported = refused(lambda number=number: export_dfl(project, "tiny", tmp_path / "out", to=f"{number}"))
            trained = refused(lambda: train(project, settings.model_copy(update={"iterations": 2}), Silent()))
            assert exported or trained, (key, value)
            shutil.rmtree(folder / "0000002", ignore_errors=True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("losses", torch.ones(3, dtype=torch.complex64)),
        ("rmsprop.updates", torch.ones(2)),
        ("rmsprop.updates", torch.tensor(float("nan"))),
        ("rmsprop.a.out_conv.weight", torch.ones(3)),
    ],
)
def test_of_a_mask_network(project: Project, tmp_path: Path, key: str, value: Tensor) -> None:
    state = {"rmsprop.updates": torch.tensor(7), "losses": torch.rand(3), key: value}
    save_xseg(XSeg(base=1), project.models / "XSeg" / "0000007", options={}, state=state)
    assert refused(lambda: export_dfl(project, "XSeg", tmp_path / "out"))


def test_settings_are_those_of_the_newest_that_can_be_read(project: Project, tiny: MakeSettings) -> None:
    for iterations in (1, 2):
        folder = train(project, tiny(iterations=iterations), Silent()).folder
    for newest, damage in (("0000002", "["), ("0000001", '{"settings": 5}')):
        found = saved_settings(folder)
        assert found is not None
        assert found.iterations == int(newest)
        (folder / newest / "state.json").write_text(damage)
    with pytest.raises(UnderstudyError, match="give --preset"):
        saved_settings(folder)
