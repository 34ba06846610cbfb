"""Every option of samples and objective changes what is learned, stays finite, and resumes bit for bit."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from understudy.models import create_model
from understudy.project import Silent, UnderstudyError
from understudy.training import NetworkSettings, TrainSettings
from understudy.training.bank import FaceBank, load_bank
from understudy.training.hardware import Hardware
from understudy.training.trainer import Trainer

MakeSettings = Callable[..., TrainSettings]
Banks = tuple[FaceBank, FaceBank]

HARDWARE = Hardware(torch.device("cpu"), half=False)
LIAE = NetworkSettings(resolution=32, archi="liae-ud", ae_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)
AMP = NetworkSettings(resolution=32, ae_dims=8, inter_dims=8, e_dims=8, d_dims=8, d_mask_dims=4)


@pytest.fixture(scope="module")
def banks(drawn_facesets: Path) -> Iterator[Banks]:
    src, dst = (
        load_bank(drawn_facesets / side, face_type="full", resolution=32, progress=Silent()).complete()
        for side in ("src", "dst")
    )
    with src, dst:
        yield src, dst


def begin(banks: Banks, settings: TrainSettings) -> Trainer:
    torch.manual_seed(0)
    network = create_model(settings.model, settings.network.config())
    return Trainer(network, *banks, settings=settings, hardware=HARDWARE)


def weights(trainer: Trainer) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in trainer.network.parameters()])


def resumed(trainer: Trainer, banks: Banks, settings: TrainSettings) -> Trainer:
    saved = {name: tensor.clone() for name, tensor in trainer.tensors().items()}
    other = Trainer(copy.deepcopy(trainer.network), *banks, settings=settings, hardware=HARDWARE)
    other.restore(trainer.iteration, saved)
    return other


OPTIONS = [
    {"masked_training": False},
    {"eyes_mouth_prio": True},
    {"coarse_structure_power": 5},
    {"blur_out_mask": True},
    {"face_style_power": 10},
    {"bg_style_power": 10},
    {"face_style_power": 10, "bg_style_power": 10, "clipgrad": True},
    {"true_face_power": 0.5},
    {"gan_power": 0.5},
    {"gan_power": 0.5, "masked_training": False},
    {"gan_power": 0.5, "true_face_power": 0.5, "lr_dropout": "y", "optimizer": "rmsprop"},
    {"random_hsv_power": 0.2},
    {"uniform_yaw": True},
    *({"ct_mode": mode} for mode in ("rct", "lct", "mkl", "idt", "sot")),
    {"ct_mode": "rct", "ct_masked": False},
    {"lr_dropout": "cpu"},
    {"optimizer": "rmsprop"},
    {"clipgrad": True},
    {"network": LIAE, "random_warp": False},
    {"network": LIAE, "face_style_power": 10, "bg_style_power": 10, "gan_power": 0.5},
    {"network": AMP, "model": "amp"},
    {"network": AMP, "model": "amp", "gan_power": 0.5},
    {"network": AMP, "model": "amp", "train_inters": True},
    {"pretrain": True, "pretrain_folder": "faces"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options))
def test_an_option_matters_and_resumes_exactly(banks: Banks, tiny: MakeSettings, options: dict[str, Any]) -> None:
    settings = tiny(**options)
    whole = begin(banks, settings)
    before = weights(whole)
    losses = torch.stack([whole.step() for _ in range(4)])
    assert losses.isfinite().all()
    assert weights(whole).isfinite().all()
    assert not torch.equal(weights(whole), before)

    halves = begin(banks, settings)
    halves.step()
    halves.step()
    halves = resumed(halves, banks, settings)
    halves.step()
    assert torch.equal(halves.step(), losses[3])
    assert torch.equal(weights(halves), weights(whole))
    saved, wanted = halves.tensors(), whole.tensors()
    assert saved.keys() == wanted.keys()
    assert all(torch.equal(saved[name], wanted[name]) for name in saved)

    plain = begin(banks, tiny(**{key: options[key] for key in options if key in ("network", "model")}))
    if not options.keys() <= {"network", "model"}:
        for _ in range(4):
            plain.step()
        assert not torch.equal(weights(plain), weights(whole))


def test_frozen_parts_rest_with_their_moments(banks: Banks, tiny: MakeSettings) -> None:
    trainer = begin(banks, tiny(network=LIAE))
    trainer.step()
    unbent = tiny(network=LIAE, random_warp=False)
    later = resumed(trainer, banks, unbent)
    before = {name: tensor.clone() for name, tensor in later.network.state_dict().items()}
    moments = {name: tensor.clone() for name, tensor in later.tensors().items() if ".inter_ab." in name}
    assert moments
    later.step()
    for name, tensor in later.network.state_dict().items():
        assert torch.equal(tensor, before[name]) == name.startswith("inter_ab."), name
    assert all(torch.equal(later.tensors()[name], moments[name]) for name in moments)

    amp = begin(banks, tiny(network=AMP, model="amp"))
    before = {name: tensor.clone() for name, tensor in amp.network.state_dict().items()}
    amp.step()
    for name, tensor in amp.network.state_dict().items():
        assert torch.equal(tensor, before[name]) == name.startswith("inter_"), name


def test_a_discriminator_rests_while_it_is_off_and_begins_anew_in_another_shape(
    banks: Banks, tiny: MakeSettings
) -> None:
    def judge(trainer: Trainer) -> dict[str, Tensor]:
        return {name: tensor.clone() for name, tensor in trainer.tensors().items() if name.startswith("gan.")}

    on = tiny(gan_power=0.1, gan_patch_size=7, gan_dims=4)
    trainer = begin(banks, on)
    trainer.step()
    learned = judge(trainer)
    trainer = resumed(trainer, banks, tiny())
    trainer.step()
    trainer = resumed(trainer, banks, on)
    found = judge(trainer)
    assert found.keys() == learned.keys()
    assert all(torch.equal(found[name], learned[name]) for name in learned)

    wider = resumed(trainer, banks, tiny(gan_power=0.1, gan_patch_size=7, gan_dims=8))
    assert not any(".m." in name for name in judge(wider))
    wider.step()
    assert judge(wider)["gan.config"].tolist() == [7, 8]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"true_face_power": 0.1, "network": LIAE}, "liae has two"),
        ({"pretrain": True}, "give pretrain_folder"),
        ({"gan_power": 0.1, "gan_patch_size": 64}, "larger than the face"),
        ({"model": "amp", "network": AMP, "face_style_power": 1}, "amp knows neither style"),
    ],
)
def test_what_does_not_fit_says_why(tiny: MakeSettings, options: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        tiny(**options)


def test_what_does_not_fit_the_network_says_why(banks: Banks, tiny: MakeSettings) -> None:
    amp = create_model("amp", AMP.config())
    liae = create_model("saehd", LIAE.config())
    for network, options, fault in (
        (liae, {"true_face_power": 0.1}, "choose a df"),
        (amp, {"bg_style_power": 0.1}, "no style losses"),
        (amp, {"pretrain": True, "pretrain_folder": "faces"}, "know no pretraining"),
    ):
        with pytest.raises(UnderstudyError, match=fault):
            Trainer(network, *banks, settings=tiny(**options), hardware=HARDWARE)
