"""Whole models of the old program come in and go out again; files that lie are refused before they cost anything."""

import json
import random
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dfl_reader import unpickle_weights
from reference_network import as_nchw_rgb, reference_array
from understudy.models import AMP, SAEHD, CodeDiscriminator, PatchDiscriminator, Quick96, XSeg, load_dfl, save_dfl
from understudy.models.dfl_model import GAN, GENERATOR, TRUE_FACE, DflModel, choose_dfl, find_dfl, read_dfl
from understudy.models.dfl_moments import Moments
from understudy.models.dfl_pickle import load_dfl_arrays
from understudy.project.errors import UnderstudyError
from understudy.project.plain_pickle import dump_plain

MODELS = {"dfud64": SAEHD, "liaeud64": SAEHD, "amp64": AMP}
TINY: dict[str, Any] = {"resolution": 64, "ae_dims": 8, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}


def tiny(archi: str = "df-ud") -> SAEHD:
    torch.manual_seed(1)
    return SAEHD(archi=archi, face_type="half", **TINY)


def noise_moments(module: torch.nn.Module, rule: str, kinds: str) -> Moments:
    torch.manual_seed(2)
    state = module.state_dict()
    return Moments(rule, 123, {f"{kind}.{name}": torch.randn_like(t) for kind in kinds for name, t in state.items()})


@pytest.mark.parametrize("name", MODELS)
@torch.inference_mode()
def test_recorded_models_swap_as_recorded(dfl_weights: Path, name: str) -> None:
    network = load_dfl(str(dfl_weights / name), name=name)
    assert type(network) is MODELS[name]
    assert (network.face_type, network.resolution, network.training) == ("whole_face", 64, False)
    record = np.load(dfl_weights / name / "merge_io.npz")
    output = network.swap(as_nchw_rgb(record["input"]))
    suffix = "_morph1.0" if name == "amp64" else ""
    for found, key in ((output.face, "src_dst"), (output.mask, "src_dstm"), (output.dst_mask, "dst_dstm")):
        torch.testing.assert_close(found, as_nchw_rgb(record[f"pred_{key}{suffix}"]), rtol=0, atol=2e-6)


@pytest.mark.parametrize("name", MODELS)
def test_recorded_models_go_back_as_they_came(dfl_weights: Path, tmp_path: Path, name: str) -> None:
    folder = dfl_weights / name
    model = read_dfl(choose_dfl(folder))
    assert (model.name, model.iteration, len(model.losses), model.notes) == (name, 80, 80, ())
    written = save_dfl(model, tmp_path)
    assert {path.name for path in written} == {p.name for p in folder.iterdir() if p.name.startswith(name)} - {
        next(folder.glob("*.dfm")).name
    }
    manifest = json.loads((folder / "manifest_weights.json").read_text())
    for path in written:
        old = unpickle_weights((folder / path.name).read_bytes())
        new = unpickle_weights(path.read_bytes())
        if path.name.endswith("data.dat"):
            assert new["options"] == old["options"] == manifest["options"]
            assert (new["iter"], new["loss_history"]) == (old["iter"], old["loss_history"])
            assert new.keys() == old.keys()
            continue
        assert list(new) == list(old) == list(manifest["files"][path.name])
        for key, array in old.items():
            assert new[key].dtype == array.dtype
            assert new[key].shape == array.shape
            assert new[key].tobytes() == array.tobytes()


def test_moments_and_their_counter_are_carried_by_parameter(dfl_weights: Path) -> None:
    model = read_dfl(choose_dfl(dfl_weights / "liaeud64"))
    found = model.moments[GENERATOR]
    assert (found.rule, found.updates) == ("adabelief", 80)
    state = model.network.state_dict()
    assert {key.partition(".")[2] for key in found.tensors} == set(state)
    assert all(tensor.shape == state[key.partition(".")[2]].shape for key, tensor in found.tensors.items())
    assert all((tensor >= 0).all() for key, tensor in found.tensors.items() if key.startswith("v."))


@pytest.mark.parametrize("rule", ["adabelief", "rmsprop"])
def test_discriminators_and_both_rules_come_back(tmp_path: Path, rule: str) -> None:
    network = tiny()
    kinds = "mv" if rule == "adabelief" else "a"
    parts = {
        GAN: PatchDiscriminator(resolution=64, patch_size=10, dims=4),
        TRUE_FACE: CodeDiscriminator(channels=8, side=4),
    }
    moments = {name: noise_moments(module, rule, kinds) for name, module in {GENERATOR: network, **parts}.items()}
    options = {"gan_patch_size": 10, "gan_dims": 4, "gan_power": 0.1}
    save_dfl(DflModel("new", network, 5, options, ((1.0, 2.0),), parts, moments), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"new_SAEHD_GAN.npy", "new_SAEHD_GAN_opt.npy", "new_SAEHD_D_code_opt.npy"} < names
    assert "new_SAEHD_code_discriminator.npy" in names
    keys = unpickle_weights((tmp_path / "new_SAEHD_GAN_opt.npy").read_bytes())
    prefix = "ms" if rule == "adabelief" else "acc"
    assert keys[f"{prefix}_D_src/upconvs_0/weight_0:0"].shape == (3, 3, 16, 32)
    assert isinstance(keys["iters:0"], np.int64)
    found = read_dfl(choose_dfl(tmp_path, "new"))
    for name, module in {GENERATOR: found.network, **found.discriminators}.items():
        original = network if name == GENERATOR else parts[name]
        assert same(original.state_dict(), module.state_dict())
        assert (found.moments[name].rule, found.moments[name].updates) == (rule, 123)
        assert same(moments[name].tensors, found.moments[name].tensors)


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.slow
@pytest.mark.parametrize("made", [Quick96, XSeg])
def test_networks_of_one_size_come_back(tmp_path: Path, made: type) -> None:
    network = made()
    save_dfl(DflModel("mine", network, 7), tmp_path)
    stem = "XSeg" if made is XSeg else "mine_Quick96"
    assert (tmp_path / f"{stem}_data.dat").is_file()
    found = load_dfl(tmp_path)
    assert type(found) is made
    assert same(network.state_dict(), found.state_dict())


def test_xseg_is_one_file_with_the_old_names(tmp_path: Path) -> None:
    save_dfl(DflModel("anything", XSeg(), 7), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"XSeg_256.npy", "XSeg_data.dat"}
    keys = unpickle_weights((tmp_path / "XSeg_256.npy").read_bytes())
    assert keys["conv01/conv/weight:0"].shape == (3, 3, 3, 32)
    assert keys["up5/conv/weight:0"].shape == (3, 3, 128, 256)
    assert keys["uconv53/frn/eps:0"].shape == (1,)
    assert keys["conv33/tlu/tau:0"].shape == (256,)
    assert [model.kind for model in find_dfl(tmp_path)] == ["XSeg"]


def test_a_missing_file_renews_its_network_alone_and_says_so(tmp_path: Path) -> None:
    network = tiny("liae-ud")
    save_dfl(DflModel("new", network), tmp_path)
    (tmp_path / "new_SAEHD_inter_AB.npy").unlink()
    found = read_dfl(choose_dfl(tmp_path))
    assert found.notes == ("new_SAEHD_inter_AB.npy is missing: this network starts from new weights",)
    for name, tensor in found.network.state_dict().items():
        if name.startswith("inter_ab") and name.endswith("weight"):
            assert 0 < tensor.std() < 1
            assert not torch.equal(tensor, network.state_dict()[name])
        else:
            assert torch.equal(tensor, network.state_dict()[name])
    for path in tmp_path.glob("*.npy"):
        path.unlink()
    with pytest.raises(UnderstudyError, match="no weights of new_SAEHD"):
        load_dfl(tmp_path)


def test_names_choose_among_models(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="no DeepFaceLab model"):
        load_dfl(tmp_path)
    with pytest.raises(UnderstudyError, match="cannot read"):
        load_dfl(tmp_path / "absent")
    save_dfl(DflModel("one", tiny()), tmp_path)
    save_dfl(DflModel("two", tiny()), tmp_path)
    save_dfl(DflModel("two", AMP(inter_dims=8, **TINY)), tmp_path)
    with pytest.raises(UnderstudyError, match=r"several models: give one of one_SAEHD, two_AMP, two_SAEHD"):
        load_dfl(tmp_path)
    with pytest.raises(UnderstudyError, match="2 models of the name 'two'"):
        load_dfl(tmp_path, name="two")
    with pytest.raises(UnderstudyError, match="no models of the name"):
        load_dfl(tmp_path, name="../one")
    assert isinstance(load_dfl(tmp_path, name="two_AMP"), AMP)
    assert isinstance(load_dfl(tmp_path, name="one"), SAEHD)


@pytest.mark.parametrize("name", ["", "../out", "a/b", "a\\b", "c:x", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnderstudyError, match="cannot name a model"):
        save_dfl(DflModel(name, tiny()), tmp_path / "in")
    assert not list(tmp_path.iterdir())


def write_data(folder: Path, stem: str = "new_SAEHD", **changes: Any) -> None:
    options = {**TINY, "archi": "df-ud", "face_type": "f", **changes}
    data = {"iter": 1, "options": {k: v for k, v in options.items() if v is not None}, "loss_history": []}
    folder.joinpath(f"{stem}_data.dat").write_bytes(dump_plain(data, protocol=4))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"archi": "dfhd"}, "no version since June 2020"),
        ({"archi": "liaehd-u"}, "no version since June 2020"),
        ({"archi": "df-xyz"}, "unknown architecture"),
        ({"archi": None}, "'archi'"),
        ({"face_type": "z"}, "'z'"),
        ({"resolution": "64"}, "no whole number"),
        ({"resolution": 10**400}, "resolution"),
        ({"resolution": float("nan")}, "damaged"),
        ({"resolution": float("inf")}, "damaged"),
        ({"ae_dims": 64}, "shape"),
        # 34 thousand million weights, of which the files hold none or few
        ({"resolution": 1024, "ae_dims": 2048, "e_dims": 512, "d_dims": 512, "d_mask_dims": 512}, "shape"),
    ],
)
def test_options_that_lie_are_refused_in_one_line(tmp_path: Path, changes: dict, word: str) -> None:
    save_dfl(DflModel("new", tiny()), tmp_path)
    write_data(tmp_path, **changes)
    with pytest.raises(UnderstudyError, match=word) as caught:
        load_dfl(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_of_enormous_size_is_not_made_up(tmp_path: Path) -> None:
    save_dfl(DflModel("new", tiny()), tmp_path)
    (tmp_path / "new_SAEHD_inter.npy").unlink()
    write_data(tmp_path, resolution=1024, ae_dims=2048, e_dims=512)
    with pytest.raises(UnderstudyError, match="over 4 GiB"):
        load_dfl(tmp_path)


@pytest.mark.parametrize("old", ["dfuhd", "liaeuhd"])
def test_names_of_before_june_2020_are_known(tmp_path: Path, old: str) -> None:
    save_dfl(DflModel("new", tiny({"dfuhd": "df-u", "liaeuhd": "liae-u"}[old])), tmp_path)
    write_data(tmp_path, archi=old)
    assert load_dfl(tmp_path).config()["archi"] in ("df-u", "liae-u")


def mutated(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    at = chance.randrange(min(len(changed), 600))
    match chance.randrange(4):
        case 0:
            del changed[chance.randrange(len(changed)) :]
        case 1:
            del changed[at : at + chance.randrange(1, 50)]
        case 2:
            changed[at] = chance.randrange(256)
        case _:
            changed[at : at + 4] = struct.pack("<I", chance.choice([0, 2**31 - 1, 2**32 - 1]))
    return bytes(changed)


def test_mutated_files_are_read_or_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = DflModel("new", tiny(), 5, {}, ((1.0, 2.0),), {}, {GENERATOR: Moments("adabelief", 1, {})})
    save_dfl(model, tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    chance = random.Random(0)  # noqa: S311
    outcomes = {"read": 0, "refused": 0}
    paths = [tmp_path / f"new_SAEHD_{part}" for part in ("data.dat", "inter.npy", "src_dst_opt.npy")]
    for path, count in zip(paths, (800, 2000, 200), strict=True):
        whole = path.read_bytes()
        for n in range(count):
            path.write_bytes(mutated(whole, chance))
            try:
                if n < 50:
                    read_dfl(choose_dfl(tmp_path))
                else:
                    load_dfl_arrays(path)
                outcomes["read"] += 1
            except UnderstudyError as error:
                assert "\n" not in str(error)  # noqa: PT017
                outcomes["refused"] += 1
        path.write_bytes(whole)
    assert min(outcomes.values()) > 30
    assert not list(outside.iterdir())
    shutil.rmtree(outside)


def test_arrays_of_other_numbers_are_read_as_numbers(tmp_path: Path) -> None:
    network = tiny()
    save_dfl(DflModel("new", network), tmp_path)
    path = tmp_path / "new_SAEHD_inter.npy"
    arrays = unpickle_weights(path.read_bytes())
    path.write_bytes(dump_plain({key: array.astype(">f8") for key, array in arrays.items()}, protocol=4))
    assert same(load_dfl(tmp_path).state_dict(), network.state_dict())
    arrays["dense1/weight:0"] = reference_array("x", (3, 3))
    path.write_bytes(dump_plain(arrays, protocol=4))
    with pytest.raises(UnderstudyError, match=r"inter/dense1/weight:0 has shape \(3, 3\)"):
        load_dfl(tmp_path)
