"""Models of the old program are merged with and trained on as if it had gone on itself, and go back to it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dfl_reader import unpickle_weights
from reference_network import as_nchw_rgb
from understudy.cli import main
from understudy.models import SAEHD, CodeDiscriminator, DflModel, PatchDiscriminator, latest_model, load_model, save_dfl
from understudy.models.dfl_model import GAN, GENERATOR, TRUE_FACE, choose_dfl, read_dfl
from understudy.models.dfl_moments import Moments
from understudy.models.dfl_places import weight_places
from understudy.project import Project, Silent, UnderstudyError
from understudy.training import train
from understudy.training.augment import Batch
from understudy.training.checkpoint import load_checkpoint, saved_settings
from understudy.training.dfl_exchange import export_dfl, import_dfl
from understudy.training.dfl_settings import settings_from_dfl
from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes
from understudy.training.learner import Learner
from understudy.training.objective import Objective

SIZES: dict[str, Any] = {"resolution": 64, "ae_dims": 8, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}


@pytest.fixture
def dfl_weights() -> Path:
    folder = Path(__file__).parents[3] / "shared" / "dfl-weights"
    if not folder.is_dir():
        pytest.skip("the reference weights are not beside this checkout")
    return folder


@pytest.mark.parametrize("name", ["liaeud64", "amp64"])
def test_in_and_out_again_is_the_same(project: Project, dfl_weights: Path, tmp_path: Path, name: str) -> None:
    imported = import_dfl(project, dfl_weights / name)
    assert (imported.folder.name, imported.iteration, imported.notes) == (name, 80, ())
    network = load_model(latest_model(imported.folder))
    assert network.config() == read_dfl(choose_dfl(dfl_weights / name)).network.config()
    files, notes = export_dfl(project, name, tmp_path / "out")
    recorded = (dfl_weights / name / f"{name}_SAEHD_src_dst_opt.npy").is_file()
    assert notes == ([] if recorded else ["there is no optimizer state that DeepFaceLab knows: it starts from none"])
    for path in files:
        old = unpickle_weights((dfl_weights / name / path.name).read_bytes())
        new = unpickle_weights(path.read_bytes())
        if path.name.endswith("data.dat"):
            assert (new["iter"], new["options"]) == (old["iter"], old["options"])
            assert len(new["loss_history"]) == 80
            continue
        assert list(new) == list(old)
        assert all(new[key].tobytes() == array.tobytes() for key, array in old.items())


def test_training_goes_on_from_an_import(project: Project, dfl_weights: Path) -> None:
    folder = import_dfl(project, dfl_weights / "liaeud64", to="mine").folder
    settings = saved_settings(folder)
    assert settings is not None
    assert (settings.optimizer, settings.learning_rate, settings.random_scale) == ("adabelief", 5e-5, 0.15)
    assert (settings.batch_size, settings.random_dst_flip, settings.unwarped_every) == (4, True, 0)
    before = read_dfl(choose_dfl(dfl_weights / "liaeud64"))
    going_on = settings.model_copy(update={"iterations": 82, "precision": "fp32", "preview_every": 0.0})
    assert train(project, going_on, Silent()).iteration == 82
    network, state = load_checkpoint(folder, print)
    assert int(state.tensors["adabelief.updates"]) == 82
    name = "decoder.color.0.conv.weight"
    moved = (network.state_dict()[name] - before.network.state_dict()[name]).abs()
    assert 0 < moved.max() < 2 * 4 * 5e-5  # two steps of at most about 3.5 learning rates
    old, new = before.moments[GENERATOR].tensors[f"v.{name}"], state.tensors[f"adabelief.v.{name}"]
    assert ((new >= 0.997 * old).all(), torch.equal(new, old)) == (True, False)  # decayed twice by 0.999, and added to
    assert (folder / "loss.csv").read_text().splitlines()[80].startswith("80,")


def test_the_first_step_after_an_import_is_that_of_the_old_program(project: Project, dfl_weights: Path) -> None:
    folder = import_dfl(project, dfl_weights / "liaeud64").folder
    settings = saved_settings(folder)
    assert settings is not None
    network, state = load_checkpoint(folder, print)
    network.train()
    cpu = torch.device("cpu")
    learner = Learner(network, settings=settings, device=cpu, lanes=Lanes(cpu))
    assert learner.restore(state.tensors)
    record = np.load(dfl_weights / "liaeud64" / "trainstep.npz")
    objective = Objective(network, settings, Hardware(cpu, half=False))
    learner.begin(torch.Generator())
    for side in ("src", "dst"):
        batch = Batch(*(as_nchw_rgb(record[f"{part}_{side}"]) for part in ("warped", "target", "mask", "mask_em")))
        found = objective.src(batch, None) if side == "src" else objective.dst(batch)
        expected = torch.from_numpy(record[f"train_{side}_loss"])
        torch.testing.assert_close(found.loss.detach(), expected, rtol=0, atol=2e-5)
        found.total().backward()
    learner.update()
    after = np.load(dfl_weights / "liaeud64" / "weights_after_trainstep.npz")
    weights = network.state_dict()
    for place in weight_places(network):
        # An update may have overtaken other reads of the same weight there; a step is about 2e-5.
        expected = place.from_file(after[f"{place.network}.npy|{place.key}"])
        torch.testing.assert_close(weights[place.parameter], expected, rtol=0, atol=5e-7)


def test_discriminators_and_their_moments_come_along(project: Project, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = SAEHD(archi="df-ud", **SIZES)
    parts = {
        GAN: PatchDiscriminator(resolution=64, patch_size=10, dims=4),
        TRUE_FACE: CodeDiscriminator(channels=8, side=4),
    }
    moments = {
        name: Moments(
            "rmsprop", 3, {f"a.{key}": torch.rand_like(tensor) for key, tensor in module.state_dict().items()}
        )
        for name, module in {GENERATOR: network, **parts}.items()
    }
    options = {"adabelief": False, "gan_power": 0.1, "gan_patch_size": 10, "gan_dims": 4}
    there = save_dfl(DflModel("new", network, 3, options, ((1.0, 2.0),) * 3, parts, moments), tmp_path / "there")
    import_dfl(project, tmp_path / "there")
    back, _ = export_dfl(project, "new", tmp_path / "back", to="old")
    assert [path.name for path in back] == [path.name.replace("new", "old") for path in there]
    for first, second in zip(there, back, strict=True):
        one, two = unpickle_weights(first.read_bytes()), unpickle_weights(second.read_bytes())
        assert list(one) == list(two)
        if not first.name.endswith(".dat"):
            assert all(one[key].tobytes() == two[key].tobytes() for key in one)


def test_options_become_settings_and_what_cannot_is_told() -> None:
    network = SAEHD(archi="df-ud", **SIZES)
    options = {
        "lr_dropout": True,
        "adabelief": False,
        "target_iter": 500,
        "batch_size": 6,
        "clipgrad": True,
        "pretrain": True,
        "masked_training": False,
        "eyes_mouth_prio": True,
        "random_src_flip": "maybe",
        "surprise": 1,
    }
    settings, notes = settings_from_dfl("x", network, options, "SAEHD")
    assert (settings.model, settings.optimizer, settings.lr_dropout, settings.iterations) == (
        "saehd",
        "rmsprop",
        "y",
        500,
    )
    assert (settings.batch_size, settings.clipgrad, settings.masked_training) == (6, True, False)
    assert settings.eyes_mouth_prio
    assert {"ca_weights": False, **settings.network.config()} == network.config()
    assert any("--pretrain-folder" in note for note in notes)
    assert any("random_src_flip (maybe)" in note for note in notes)


def test_from_the_command_line(
    project: Project, dfl_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: object) -> tuple[int, dict[str, Any], str]:
        code = main([str(word) for word in (*words, "--project", project.root, "--json")])
        shown = capsys.readouterr()
        return code, json.loads(shown.out.splitlines()[-1]), shown.err

    assert run("model", "list")[:2] == (0, {"models": []})
    code, found, _ = run("model", "import", dfl_weights / "dfud64")
    assert (code, found["kind"], found["iteration"]) == (0, "saehd", 80)
    code, found, _ = run("model", "list")
    assert [(one["name"], one["kind"], one["config"]["archi"], one["iteration"]) for one in found["models"]] == [
        ("dfud64", "saehd", "df-ud", 80)
    ]
    code, found, _ = run("train", "--name", "dfud64", "--iterations", "81", "--precision", "fp32")
    assert (code, found["iteration"]) == (0, 81)
    code, found, _ = run("model", "export", "dfud64", "--out", tmp_path / "out")
    assert code == 0
    assert unpickle_weights((tmp_path / "out" / "dfud64_SAEHD_data.dat").read_bytes())["iter"] == 81
    for words, fault in {
        ("model", "import", dfl_weights / "dfud64"): "already",
        ("model", "import", dfl_weights / "dfud64", "--to", "../out"): "cannot name a model",
        ("model", "import", tmp_path): "no DeepFaceLab model",
        ("model", "export", "none"): "no trained model",
        ("model", "export", "dfud64", "--out", tmp_path / "out"): "already",
    }.items():
        code, found, _ = run(*words)
        assert (code, fault in found["error"]) == (2, True), found


def test_mask_networks_and_kinds_of_this_program_alone_are_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x_SAEHD_data.dat").write_bytes(b"cos\nsystem\n")
    with pytest.raises(UnderstudyError, match="damaged"):
        import_dfl(project, tmp_path)
