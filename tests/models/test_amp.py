"""AMP computes what the existing program computes, from the same files."""

from pathlib import Path

import numpy as np
import pytest
import torch

from reference_network import as_nchw_rgb, fingerprint, load_old_amp, reference_amp, reference_images
from understudy.models import AMP
from understudy.project.errors import UnderstudyError

REFERENCE = {
    0.0: "0.512751 0.036924 0.503478 0.527203 0.502277 0.535302 0.529803 0.539612 0.504966",
    0.5: "0.512389 0.034672 0.500653 0.529234 0.500722 0.548091 0.529436 0.540003 0.504759",
    1.0: "0.512181 0.030736 0.508136 0.518831 0.507850 0.548390 0.516681 0.547489 0.498078",
}
DST_MASK = "0.461315 0.021557 0.468454 0.480530 0.474426 0.469681 0.453952 0.479035 0.461581"


@pytest.mark.parametrize("morph", REFERENCE)
@torch.inference_mode()
def test_equals_the_reference(morph: float) -> None:
    output = reference_amp().swap(reference_images().flip(1), morph=morph)
    for found, text in ((output.face.flip(1), REFERENCE[morph]), (output.dst_mask, DST_MASK)):
        expected = torch.tensor([float(number) for number in text.split()], dtype=torch.float64)
        torch.testing.assert_close(fingerprint(found), expected, rtol=0, atol=5e-6)


@torch.inference_mode()
def test_old_files_give_the_old_pictures(dfl_weights: Path) -> None:
    model = load_old_amp(dfl_weights / "amp64")
    record = {key: torch.from_numpy(array) for key, array in np.load(dfl_weights / "amp64" / "merge_io.npz").items()}
    features = model.encode(as_nchw_rgb(record["input"].numpy()))
    torch.testing.assert_close(features, record["encoder_out"], rtol=0, atol=1e-5)
    for inter in ("inter_src", "inter_dst"):
        found = model.get_submodule(inter)(features).permute(0, 2, 3, 1)
        torch.testing.assert_close(found, record[f"{inter}_out"], rtol=0, atol=1e-5)
    for morph in ("0.0", "0.25", "0.5", "1.0"):
        output = model.swap(as_nchw_rgb(record["input"].numpy()), morph=float(morph))
        for found, name in ((output.face, "src_dst"), (output.mask, "src_dstm"), (output.dst_mask, "dst_dstm")):
            expected = as_nchw_rgb(record[f"pred_{name}_morph{morph}"].numpy())
            torch.testing.assert_close(found, expected, rtol=0, atol=2e-6)


@torch.inference_mode()
def test_noise_takes_exactly_its_share_of_channels() -> None:
    model, images = reference_amp(), reference_images()
    noise = model.draw_noise(200, torch.Generator().manual_seed(0))
    assert (noise.sum(1) == 16).all()
    assert ((noise.float().mean(0) - 0.5).abs() < 0.15).all()  # four standard deviations
    assert len({tuple(row.tolist()) for row in noise}) == 200
    features = model.encode(images)
    code = model.src_code(features, noise[:2])
    src, dst = model.inter_src(features), model.inter_dst(features)
    for sample in range(2):
        for channel in range(32):
            wanted = src if noise[sample, channel] else dst
            assert torch.equal(code[sample, channel], wanted[sample, channel])


@torch.inference_mode()
def test_morphing_ends_in_the_performers() -> None:
    model, features = reference_amp(), reference_amp().encode(reference_images())
    assert torch.equal(model.swap_code(features, morph=0), model.dst_code(features))
    assert torch.equal(model.swap_code(features), model.src_code(features))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"resolution": 80}, "multiple of 32"),
        ({"inter_dims": 10**6}, "inter_dims"),
        ({"morph_factor": 0.7}, "morph_factor"),
        ({"morph_factor": "x"}, "morph_factor"),
        ({"morph_factor": float("nan")}, "morph_factor"),
        ({"face_type": "wide"}, "face type"),
    ],
)
def test_bad_options_are_refused_in_one_line(options: dict, word: str) -> None:
    with pytest.raises(UnderstudyError, match=word) as caught:
        AMP(**options)
    assert "\n" not in str(caught.value)
