"""Mime's casts alone tell the performers apart, and its size follows from its description."""

from pathlib import Path

import pytest
import torch

from understudy.models import Mime, create_model, load_model, save_model
from understudy.project.errors import UnderstudyError

TINY = {"resolution": 48, "ae_dims": 8, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}


@pytest.fixture
def network() -> Mime:
    torch.manual_seed(0)
    return Mime(**TINY).eval()


@torch.inference_mode()
def test_swaps_and_comes_back_from_its_file(tmp_path: Path, network: Mime) -> None:
    images = torch.rand(2, 3, 48, 48)
    swap, dst = network.swap(images), network.reconstruct_dst(images)
    assert swap.face.shape == (2, 3, 48, 48)
    assert swap.mask.shape == swap.dst_mask.shape == (2, 1, 48, 48)
    assert swap.face.dtype == torch.float32
    torch.testing.assert_close(dst.mask, swap.dst_mask)
    save_model(network, tmp_path / "w.safetensors")
    loaded = load_model(tmp_path / "w.safetensors")
    assert (loaded.kind, loaded.config()) == ("mime", network.config())
    assert torch.equal(loaded.swap(images).face, swap.face)


@torch.inference_mode()
def test_the_casts_alone_tell_the_performers_apart(network: Mime) -> None:
    images = torch.rand(2, 3, 48, 48)
    assert not torch.allclose(network.reconstruct_src(images).face, network.reconstruct_dst(images).face, atol=1e-3)
    network.cast_dst.load_state_dict(network.cast_src.state_dict())
    assert torch.equal(network.reconstruct_src(images).face, network.reconstruct_dst(images).face)


@torch.inference_mode()
def test_a_sample_hears_nothing_of_the_others_in_its_batch(network: Mime) -> None:
    images = torch.rand(3, 3, 48, 48)
    torch.testing.assert_close(network.swap(images).face[:1], network.swap(images[:1]).face)


@torch.inference_mode()
@pytest.mark.parametrize("gain", [0.5, 1.5])
def test_a_dense_bottleneck_is_all_that_a_face_passes_through(network: Mime, gain: float) -> None:
    numbers = network.encode(torch.rand(1, 3, 48, 48))
    assert numbers.shape == (1, TINY["ae_dims"])
    assert not torch.allclose(network.swap_code(numbers), network.swap_code(gain * numbers), atol=1e-4)


def test_every_weight_learns(network: Mime) -> None:
    network.train()
    images = torch.rand(1, 3, 48, 48)
    sum(part.square().sum() for part in (*network.reconstruct_src(images), *network.reconstruct_dst(images))).backward()
    assert [name for name, parameter in network.named_parameters() if parameter.grad is None] == []


@pytest.mark.parametrize(("resolution", "side"), [(32, 8), (96, 6), (128, 8), (160, 5), (224, 7), (256, 8), (512, 8)])
def test_large_faces_are_reduced_further_instead_of_widening_the_bottleneck(resolution: int, side: int) -> None:
    with torch.device("meta"):
        network = Mime(resolution=resolution)
    assert network.cast_src.shape[1:] == (side, side)


@pytest.mark.parametrize("resolution", [32, 48, 112, 160, 1024])
@torch.inference_mode()
def test_every_resolution_comes_out_as_it_went_in(resolution: int) -> None:
    output = Mime(**{**TINY, "resolution": resolution}).eval().swap(torch.rand(1, 3, resolution, resolution))
    assert output.face.shape[2:] == output.mask.shape[2:] == output.dst_mask.shape[2:] == (resolution, resolution)


@pytest.mark.parametrize("face_type", ["half", "mid", "full", "whole_face", "head"])
def test_every_face_type(face_type: str) -> None:
    with torch.device("meta"):
        assert create_model("mime", {"face_type": face_type}).face_type == face_type


def test_what_is_renewed_after_pretraining_is_all_that_knows_a_performer(network: Mime) -> None:
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    network.renew(network.renewed_after_pretraining)
    weights = [name for name in before if before[name].ndim > 1]  # biases and gains begin as constants
    changed = {name for name in weights if not torch.equal(before[name], network.state_dict()[name])}
    assert changed == {name for name in weights if name.startswith(("cast_", "encoder.dense"))}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"resolution": 72}, "resolution 72 does not suit mime: give a multiple of 16"),
        ({"e_dims": 20}, "e_dims 20 does not suit mime: give a multiple of 8"),
        ({"d_dims": 10**6}, "d_dims"),
        ({"ca_weights": 1}, "ca_weights"),
        ({"face_type": "nose"}, "face type"),
        ({"archi": "df"}, "options"),
    ],
)
def test_bad_options_are_refused_in_one_line(options: dict, word: str) -> None:
    with pytest.raises(UnderstudyError, match=word) as caught:
        create_model("mime", options)
    assert "\n" not in str(caught.value)
