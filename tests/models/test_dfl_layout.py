"""Weights go into the old layout and back unchanged; the old program's own files give its own pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from reference_network import as_nchw_rgb, load_old_model, reference_model
from understudy.models import SAEHD
from understudy.models.dfl_layout import from_dfl, to_dfl
from understudy.models.dfl_pickle import load_dfl_arrays
from understudy.models.dfl_places import weight_places
from understudy.project.errors import UnderstudyError


@pytest.mark.parametrize("archi", ["df", "df-t", "df-udtc", "liae-ud", "liae-udt"])
def test_there_and_back(archi: str) -> None:
    model = reference_model(archi)
    copy = SAEHD(**model.config())
    from_dfl(copy, to_dfl(model))
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, copy.state_dict()[name]), name
    assert {place.parameter for place in weight_places(model)} == set(model.state_dict())


def test_keys_and_shapes_are_the_old_ones() -> None:
    arrays = to_dfl(SAEHD(resolution=128, archi="df-ud", ae_dims=32, e_dims=16, d_dims=16, d_mask_dims=22))
    assert list(arrays) == ["encoder", "inter", "decoder_src", "decoder_dst"]
    assert arrays["encoder"]["down1/downs_3/conv1/weight:0"].shape == (5, 5, 64, 128)
    assert arrays["inter"]["dense1/weight:0"].shape == (8192, 32)
    assert arrays["inter"]["upscale1/conv1/weight:0"].shape == (3, 3, 32, 128)
    assert arrays["decoder_src"]["upscalem3/conv1/weight:0"].shape == (3, 3, 44, 88)
    assert arrays["decoder_src"]["out_conv/weight:0"].shape == (1, 1, 32, 3)
    assert arrays["decoder_src"]["out_convm/bias:0"].shape == (1,)


def test_a_missing_or_misshapen_weight_is_refused_and_changes_nothing() -> None:
    model = reference_model("df-ud")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    arrays = to_dfl(SAEHD(**model.config()))
    lacking = {**arrays, "decoder_dst": {k: v for k, v in arrays["decoder_dst"].items() if "out_convm" not in k}}
    with pytest.raises(UnderstudyError, match=r"decoder_dst/out_convm/weight:0"):
        from_dfl(model, lacking)
    arrays["inter"]["dense1/weight:0"] = arrays["inter"]["dense1/weight:0"].T
    with pytest.raises(UnderstudyError, match=r"inter/dense1/weight:0 has shape"):
        from_dfl(model, arrays)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize(("name", "archi"), [("dfud64", "df-ud"), ("liaeud64", "liae-ud")])
@torch.inference_mode()
def test_old_files_give_the_old_pictures(dfl_weights: Path, name: str, archi: str) -> None:
    model = load_old_model(dfl_weights / name, archi)
    record = np.load(dfl_weights / name / "merge_io.npz")
    images = as_nchw_rgb(record["input"])
    output = model.swap(images)
    torch.testing.assert_close(model.encoder(images), torch.from_numpy(record["encoder_out"]), rtol=0, atol=1e-5)
    torch.testing.assert_close(output.face, as_nchw_rgb(record["pred_src_dst"]), rtol=0, atol=2e-6)
    torch.testing.assert_close(output.mask, as_nchw_rgb(record["pred_src_dstm"]), rtol=0, atol=2e-6)
    torch.testing.assert_close(output.dst_mask, as_nchw_rgb(record["pred_dst_dstm"]), rtol=0, atol=2e-6)


def test_every_old_weight_file_reads_as_its_manifest_says(dfl_weights: Path) -> None:
    for folder in sorted(path for path in dfl_weights.iterdir() if path.is_dir()):
        manifest = json.loads((folder / "manifest_weights.json").read_text())["files"]
        for file_name in manifest.keys() & {path.name for path in folder.iterdir()}:
            arrays = load_dfl_arrays(folder / file_name)
            assert arrays.keys() == manifest[file_name].keys()
            for key, facts in manifest[file_name].items():
                assert list(arrays[key].shape) == facts["shape"]
                assert str(arrays[key].dtype) == facts["dtype"]
                assert arrays[key].sum(dtype=np.float64) == pytest.approx(facts["sum"], abs=1e-3, rel=1e-5)
