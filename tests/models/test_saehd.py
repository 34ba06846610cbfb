"""The networks compute what the field's existing program computes, and count the parameters it counts."""

import pytest
import torch
from torch import nn

from reference_network import fingerprint, reference_images, reference_model
from understudy.models import SAEHD, Quick96, SwapOutput
from understudy.project.errors import UnderstudyError

# mean, population standard deviation, first four and last three values, in the reference's BGR order
REFERENCE = {
    "df": {
        "encoder": "0.040652 0.068614 -0.003946 0.037108 0.114661 0.003502 0.151330 0.143032 0.083242",
        "inter": "0.040220 0.060730 0.071038 -0.000667 0.051628 0.041053 0.054049 0.000566 0.109175",
        "face": "0.481874 0.030444 0.518141 0.505694 0.519308 0.514082 0.469988 0.455760 0.475506",
        "mask": "0.491595 0.013552 0.480926 0.496636 0.475800 0.495259 0.513708 0.498482 0.504421",
    },
    "df-ud": {
        "encoder": "0.509689 0.860267 -0.049529 0.465830 1.439361 0.043964 1.895023 1.791112 1.042392",
        "inter": "0.219823 0.335253 -0.005435 0.175616 0.417708 0.957039 0.348684 -0.081526 -0.006921",
        "face": "0.497163 0.055307 0.517113 0.499681 0.501796 0.546804 0.528163 0.532265 0.493156",
        "mask": "0.489449 0.015695 0.499578 0.478332 0.491708 0.483288 0.485950 0.490973 0.483913",
    },
    "df-t": {
        "encoder": "0.067723 0.087911 -0.008431 -0.000777 -0.003519 -0.016648 -0.005245 -0.017440 -0.013655",
        "face": "0.483507 0.033330 0.491719 0.482796 0.477998 0.495786 0.511791 0.509718 0.513270",
        "mask": "0.483208 0.010954 0.507195 0.474659 0.501499 0.473127 0.478301 0.482570 0.490647",
    },
    "df-udtc": {
        "encoder": "-0.203610 0.979034 -1.114009 -0.857223 -0.375793 -1.058431 -0.458510 -0.204977 -1.081356",
        "face": "0.491620 0.070520 0.446521 0.530229 0.492584 0.546892 0.515987 0.511494 0.511190",
        "mask": "0.497519 0.046915 0.471239 0.512210 0.517543 0.498073 0.532629 0.541686 0.495048",
    },
    "liae-ud": {
        "dst_face": "0.505614 0.041076 0.494620 0.522968 0.487174 0.513679 0.502744 0.498097 0.493431",
        "dst_mask": "0.454548 0.023493 0.469398 0.471967 0.451287 0.479820 0.447402 0.454832 0.469404",
        "face": "0.505997 0.046206 0.494319 0.534167 0.495823 0.520953 0.512747 0.501593 0.505259",
    },
    "liae-udt": {
        "dst_face": "0.513214 0.047532 0.485475 0.523803 0.498323 0.528398 0.544287 0.554627 0.509391",
        "face": "0.512870 0.039275 0.499204 0.526131 0.513872 0.536437 0.527797 0.556729 0.498512",
        "mask": "0.459408 0.023910 0.476539 0.471272 0.475762 0.474051 0.458834 0.477355 0.468213",
    },
}


@pytest.mark.parametrize("archi", REFERENCE)
@torch.inference_mode()
def test_every_stage_equals_the_reference(archi: str) -> None:
    model, images = reference_model(archi), reference_images().flip(1)
    swap, dst = model.swap(images), model.reconstruct_dst(images)
    vector = model.encoder(images)
    found = {
        "encoder": vector,
        "inter": model.inter(vector) if archi.startswith("df") else None,
        "face": swap.face.flip(1),
        "mask": swap.mask,
        "dst_face": dst.face.flip(1),
        "dst_mask": swap.dst_mask,
    }
    for name, text in REFERENCE[archi].items():
        expected = torch.tensor([float(number) for number in text.split()], dtype=torch.float64)
        torch.testing.assert_close(fingerprint(found[name]), expected, rtol=0, atol=5e-6, msg=f"{archi} {name}")


@pytest.mark.parametrize("archi", ["df-ud", "liae-ud", "liae-udt"])
@torch.inference_mode()
def test_training_pass_and_swap_agree(archi: str) -> None:
    model, images = reference_model(archi), reference_images()
    src, dst, swap = model.reconstruct_src(images), model.reconstruct_dst(images), model.swap(images)
    torch.testing.assert_close(dst.mask, swap.dst_mask)
    torch.testing.assert_close(src.face, swap.face)  # a swap decodes dst as if it were src
    torch.testing.assert_close(src.mask, swap.mask)
    assert not torch.allclose(dst.face, swap.face, atol=1e-3)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameter_counts() -> None:
    sizes = {"ae_dims": 256, "e_dims": 64, "d_dims": 64, "d_mask_dims": 22}
    with torch.device("meta"):
        df = SAEHD(resolution=128, archi="df", **sizes)
        df_ud = SAEHD(resolution=128, archi="df-ud", **sizes)
        liae_ud = SAEHD()
        liae_udt = SAEHD(resolution=224, archi="liae-udt", ae_dims=512, e_dims=64, d_dims=64, d_mask_dims=32)
        quick96 = Quick96()
    assert [count(m) for m in (df.encoder, df.inter, df.decoder_src)] == [4_306_560, 14_959_872, 19_136_000]
    assert [count(m) for m in (df_ud.encoder, df_ud.inter, df_ud.decoder_dst)] == [4_306_560, 11_801_856, 19_181_291]
    assert [count(m) for m in (liae_ud.inter_ab, liae_ud.inter_b, liae_ud.decoder)] == [19_933_440] * 2 + [38_203_115]
    assert [count(m) for m in (liae_udt.encoder, liae_udt.inter_b, liae_udt.decoder)] == [
        15_654_144,
        38_585_856,
        86_800_045,
    ]
    assert [count(m) for m in (quick96.inter, quick96.decoder_src)] == [3_098_368, 15_444_701]
    assert count(quick96) == 4_306_560 + 3_098_368 + 2 * 15_444_701


def test_initial_weights_are_glorot_uniform() -> None:
    conv = SAEHD(resolution=64, archi="df-ud", ae_dims=16, e_dims=32, d_dims=8, d_mask_dims=4).encoder.layers[1].conv
    limit = (6 / (25 * 32 + 25 * 64)) ** 0.5
    assert 0.99 * limit < conv.weight.abs().max() <= limit
    assert conv.weight.detach().std().item() == pytest.approx(limit / 3**0.5, rel=0.01)
    assert not conv.bias.any()


@torch.inference_mode()
def test_output_is_float32_and_in_range_under_autocast() -> None:
    model, images = reference_model("liae-udt"), reference_images()
    with torch.autocast("cpu", torch.bfloat16):
        output = model.swap(images)
    assert isinstance(output, SwapOutput)
    exact = model.swap(images)
    for low, high in zip(vars(output).values(), vars(exact).values(), strict=True):
        assert low.dtype == torch.float32
        torch.testing.assert_close(low, high, rtol=0, atol=0.02)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"archi": "dfhd"}, "unknown architecture"),
        ({"archi": "df-"}, "unknown architecture"),
        ({"archi": "df-x"}, "unknown architecture"),
        ({"archi": "df-uu"}, "twice"),
        ({"archi": "df", "resolution": 72}, "multiple of 16"),
        ({"archi": "df-t", "resolution": 80}, "multiple of 32"),
        ({"archi": "df-d", "resolution": 80}, "multiple of 32"),
        ({"resolution": 2048}, "resolution is 2048"),
        ({"ae_dims": 10**9}, "ae_dims"),
        ({"e_dims": 16.0}, "e_dims"),
        ({"face_type": "wide"}, "face type"),
    ],
)
def test_bad_options_are_refused_in_one_line(options: dict, word: str) -> None:
    with pytest.raises(UnderstudyError, match=word) as caught:
        SAEHD(**options)
    assert "\n" not in str(caught.value)
