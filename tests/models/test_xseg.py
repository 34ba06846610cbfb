"""XSeg computes the reference's logits, and its masks are what the field stores."""

import numpy as np
import pytest
import torch

from reference_network import fingerprint, reference_array, reference_images
from understudy.models import XSeg
from understudy.models.blur_pool import BlurPool
from understudy.models.dfl_layout import from_dfl, to_dfl
from understudy.models.xseg import SILENT


def reference_xseg() -> XSeg:
    network = XSeg(base=4)
    arrays = {}
    for key, array in to_dfl(network)["256"].items():
        values = reference_array(f"XSeg/{key}", array.shape)
        if key.endswith("frn/weight:0"):
            values = (1 + values.astype(np.float64)).astype(np.float32)
        arrays[key] = np.full(1, 1e-6, np.float32) if key.endswith("eps:0") else values
    from_dfl(network, {"256": arrays})
    return network.eval()


@torch.inference_mode()
def test_logits_equal_the_reference() -> None:
    found = reference_xseg()(reference_images(256, range(1)).flip(1))
    text = "0.486011 0.570428 1.631214 0.128958 0.570699 0.421953 0.818856 -0.194840 0.271540"
    expected = torch.tensor([float(number) for number in text.split()], dtype=torch.float64)
    torch.testing.assert_close(fingerprint(found), expected, rtol=0, atol=5e-4)


def test_size_and_names_of_the_full_network() -> None:
    with torch.device("meta"):
        network = XSeg()
    assert sum(parameter.numel() for parameter in network.parameters()) == 17_569_317
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    assert shapes["blocks.up5.conv.weight"] == (256, 128, 3, 3)
    assert shapes["blocks.uconv53.conv.weight"] == (256, 384, 3, 3)
    assert shapes["blocks.uconv22.conv.weight"] == (128, 256, 3, 3)
    assert shapes["blocks.up0.conv.weight"] == (64, 32, 3, 3)
    assert shapes["dense1.weight"] == (512, 4096)


@pytest.mark.parametrize(("taps", "rows"), [(2, (1, 1)), (3, (1, 2, 1)), (4, (1, 3, 3, 1))])
def test_blur_pool_is_the_binomial_filter(taps: int, rows: tuple[int, ...]) -> None:
    x = torch.rand(1, 2, 8, 8, dtype=torch.float64)
    found = BlurPool(taps)(x)
    low = (taps - 1) // 2
    padded = torch.zeros(1, 2, 12, 12, dtype=torch.float64)
    padded[:, :, low : low + 8, low : low + 8] = x
    for i in range(4):
        for j in range(4):
            window = padded[0, :, 2 * i : 2 * i + taps, 2 * j : 2 * j + taps]
            expected = (
                sum(rows[a] * rows[b] * window[:, a, b] for a in range(taps) for b in range(taps)) / sum(rows) ** 2
            )
            torch.testing.assert_close(found[0, :, i, j], expected)


@torch.inference_mode()
def test_masks_have_the_size_of_the_faces_and_no_faint_values() -> None:
    network, images = reference_xseg(), reference_images(256, range(1)).flip(1)
    with torch.no_grad():
        network.out_conv.bias -= 2  # so that some of the mask is faint
    exact = torch.sigmoid(network(images))
    mask = network.mask(images)
    assert (exact < SILENT).any()
    assert torch.equal(mask, exact * (exact >= SILENT))
    assert set(network.binary_mask(images).unique().tolist()) <= {0.0, 1.0}
    larger = torch.nn.functional.interpolate(images, (300, 280), mode="bilinear")
    assert network.mask(larger).shape == (1, 1, 300, 280)


@torch.inference_mode()
def test_without_skips_only_the_bottleneck_tells() -> None:
    network, images = reference_xseg(), reference_images(256, range(1)).flip(1)
    full, without = network(images), network(images, skip=False)
    assert not torch.allclose(full, without, atol=1e-2)
    code = network.dense2.weight.clone()
    network.dense2.weight.zero_()
    assert torch.allclose(network(images, skip=False), network(1 - images, skip=False))
    network.dense2.weight.copy_(code)
