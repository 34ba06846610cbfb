"""DFHD and LIAEHD are what their descriptions say, and swap as SAEHD does."""

from pathlib import Path

import pytest
import torch

from reference_network import reference_images
from understudy.models import DFHD, LIAEHD, SwapNetwork, create_model, load_model, save_model
from understudy.models.hd import SpaceToDepth
from understudy.project.errors import UnderstudyError

TINY = {"resolution": 64, "ae_dims": 8, "e_dims": 8, "d_dims": 8, "d_mask_dims": 8}


@pytest.mark.parametrize("kind", ["dfhd", "liaehd"])
@torch.inference_mode()
def test_swaps_and_comes_back_from_its_file(tmp_path: Path, kind: str) -> None:
    network, images = create_model(kind, TINY).eval(), reference_images()
    swap, src, dst = network.swap(images), network.reconstruct_src(images), network.reconstruct_dst(images)
    assert swap.face.shape == images.shape
    assert swap.mask.shape == swap.dst_mask.shape == images[:, :1].shape
    torch.testing.assert_close(src.face, swap.face)
    torch.testing.assert_close(dst.mask, swap.dst_mask)
    assert not torch.allclose(dst.face, swap.face, atol=1e-3)
    save_model(network, tmp_path / "w.safetensors")
    loaded = load_model(tmp_path / "w.safetensors")
    assert (loaded.kind, loaded.config()) == (kind, network.config())
    assert torch.equal(loaded.swap(images).face, swap.face)


def test_layers_are_those_of_the_description() -> None:
    with torch.device("meta"):
        network = DFHD(resolution=128, ae_dims=256, e_dims=64, d_dims=48, d_mask_dims=16)
        shared = LIAEHD(resolution=128)
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    # four stacks of base 128, 128, 32 and 32, kernels 3, 5, 5 and 7; each convolution makes a quarter of the channels
    assert [shapes[f"encoder.views.{i}.0.conv.weight"] for i in range(4)] == [
        (32, 3, 3, 3),
        (32, 3, 5, 5),
        (8, 3, 5, 5),
        (8, 3, 7, 7),
    ]
    assert shapes["encoder.views.3.6.conv.weight"] == (64, 128, 7, 7)
    assert [view[0].conv.dilation for view in network.encoder.views] == [(1, 1), (1, 1), (2, 2), (2, 2)]
    assert shapes["inter.dense1.weight"] == (256, (1024 + 1024 + 256 + 256) * 64)
    assert shapes["decoder_src.blocks.0.up.conv.weight"] == (4 * 384, 256, 3, 3)
    assert shapes["decoder_src.blocks.0.down.conv.weight"] == (64, 384, 3, 3)
    assert shapes["decoder_src.ups.2.conv.weight"] == (4 * 96, 192, 3, 3)
    assert shapes["decoder_src.blocks.3.up.conv.weight"] == (4 * 48, 96, 3, 3)
    assert shapes["decoder_src.color.weight"] == (3, 96, 1, 1)
    assert shared.decoder.ups[0].conv.in_channels == 1024
    assert (network.true_face_shape, shared.true_face_shape) == ((256, 16, 16), None)


def test_space_to_depth_keeps_every_pixel() -> None:
    block = SpaceToDepth(1, 4, 3)
    with torch.no_grad():
        block.conv.weight.zero_()
        block.conv.weight[0, 0, 1, 1] = 1
        block.conv.bias.zero_()
    x = torch.rand(1, 1, 6, 6)
    assert torch.equal(torch.nn.functional.pixel_shuffle(block(x), 2), x)


@pytest.mark.parametrize("kind", ["saehd", "amp", "dfhd", "liaehd"])
@pytest.mark.parametrize("resolution", [64, 1024])
@pytest.mark.parametrize("face_type", ["half", "mid", "full", "whole_face", "head"])
def test_every_face_type_and_resolution(kind: str, resolution: int, face_type: str) -> None:
    with torch.device("meta"):
        network = create_model(kind, {"resolution": resolution, "face_type": face_type})
    assert (network.face_type, network.resolution) == (face_type, resolution)


@pytest.mark.parametrize("kind", ["saehd", "amp", pytest.param("dfhd", marks=pytest.mark.slow)])
@torch.inference_mode()
def test_the_largest_resolution(kind: str) -> None:
    sizes = {**TINY, "resolution": 1024, **({"inter_dims": 8} if kind == "amp" else {})}
    output = create_model(kind, sizes).eval().swap(torch.rand(1, 3, 1024, 1024))
    assert output.face.shape == (1, 3, 1024, 1024)
    assert output.mask.shape == output.dst_mask.shape == (1, 1, 1024, 1024)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"resolution": 72}, "multiple of 16"),
        ({"e_dims": 20}, "e_dims 20 does not suit dfhd: give a multiple of 8"),
        ({"d_dims": 10**6}, "d_dims"),
        ({"ca_weights": 1}, "ca_weights"),
        ({"archi": "df"}, "options"),
    ],
)
def test_bad_options_are_refused_in_one_line(options: dict, word: str) -> None:
    with pytest.raises(UnderstudyError, match=word) as caught:
        create_model("dfhd", options)
    assert "\n" not in str(caught.value)


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    for kind in ("dfhd", "liaehd"):
        network: SwapNetwork = create_model(kind, TINY)
        images = torch.rand(1, 3, 64, 64)
        swap, dst = network.reconstruct_src(images), network.reconstruct_dst(images)
        sum(part.square().sum() for part in (*swap, *dst)).backward()
        idle = [name for name, parameter in network.named_parameters() if parameter.grad is None]
        assert idle == []
