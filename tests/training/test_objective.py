"""The objectives of SAEHD and AMP are sums of the terms that the specification lists."""

from typing import Any

import pytest
import torch
from torch import Tensor

from reference_losses import Reference
from reference_network import fill_with_reference, reference_amp, reference_model
from understudy.models import CodeDiscriminator, PatchDiscriminator, SwapNetwork
from understudy.training import TrainSettings
from understudy.training.adversary import Adversary
from understudy.training.augment import Batch
from understudy.training.hardware import Hardware
from understudy.training.lanes import Lanes
from understudy.training.losses import soft_mask
from understudy.training.objective import Objective

HARDWARE = Hardware(torch.device("cpu"), half=False)


def objective(network: SwapNetwork, **options: Any) -> Objective:
    settings = TrainSettings(**{"optimizer": "adabelief", "learning_rate": 5e-5, **options})
    lanes = Lanes(HARDWARE.device)

    def adversary(module: torch.nn.Module, scope: str) -> Adversary:
        fill_with_reference(module, scope)
        return Adversary(module, (0,), settings=settings, hardware=HARDWARE, lanes=lanes)

    patches = codes = None
    if settings.gan_power:
        patches = adversary(PatchDiscriminator(resolution=64, patch_size=16, dims=8), "D_src")
    if settings.true_face_power:
        codes = adversary(CodeDiscriminator(channels=16, side=8), "dis")
    return Objective(network, settings, HARDWARE, patches=patches, codes=codes)


def batches() -> tuple[Batch, Batch]:
    case = Reference(64)
    return (
        Batch(case.src_input.flip(1), case.src.flip(1), case.src_mask, case.src_eyes),
        Batch(case.dst_input.flip(1), case.dst.flip(1), case.dst_mask, case.dst_eyes),
    )


def cross_entropy(logits: Tensor) -> Tensor:
    return -torch.log(torch.sigmoid(logits.double())).mean((1, 2, 3)).float()


@pytest.mark.parametrize(
    ("options", "src", "dst"),
    [
        ({}, (5.44957, 4.56775), (4.54539, 4.82307)),
        ({"masked_training": False}, (8.43559, 8.41840), (8.39046, 8.41427)),
        ({"eyes_mouth_prio": True}, (7.70005, 6.61791), (5.68787, 6.20327)),
        ({"face_style_power": 10}, (5.51322, 4.63385), (4.54539, 4.82307)),
    ],
)
def test_reported_losses_equal_the_reference(
    options: dict[str, Any], src: tuple[float, float], dst: tuple[float, float]
) -> None:
    ours = objective(reference_model("df-ud"), **options)
    src_batch, dst_batch = batches()
    with torch.no_grad():
        one, other = ours.src(src_batch, None), ours.dst(dst_batch)
    found = one.loss if other.style is None else one.loss + other.style
    torch.testing.assert_close((found, other.loss), (torch.tensor(src), torch.tensor(dst)), rtol=0, atol=2e-5)
    assert one.extra is None
    assert other.extra is None


@pytest.mark.parametrize("masked", [True, False])
def test_what_the_discriminators_add_to_src(masked: bool) -> None:
    network = reference_model("df-ud")
    ours = objective(network, gan_power=0.7, true_face_power=0.3, masked_training=masked)
    batch, _ = batches()
    with torch.no_grad():
        found = ours.src(batch, None)
        code = network.src_code(network.encode(batch.image))
        face = network.decode_src(code).face
        weight = soft_mask(batch.mask) if masked else torch.ones_like(batch.mask)
        assert ours.patches is not None
        assert ours.codes is not None
        maps = ours.patches._module(face * weight)
        expected = 0.3 * cross_entropy(ours.codes._module(code)) + 0.7 * sum(map(cross_entropy, maps))
        if masked:
            down, right = face[:, :, 1:] - face[:, :, :-1], face[..., 1:] - face[..., :-1]
            expected += 1e-6 * (down.square().sum((1, 2, 3)) + right.square().sum((1, 2, 3)))
            expected += 0.02 * ((face - batch.target) * (1 - weight)).square().mean((1, 2, 3))
    assert found.extra is not None
    torch.testing.assert_close(found.extra, expected, rtol=1e-5, atol=1e-6)
    assert found.real is not None
    assert found.fake is not None
    torch.testing.assert_close((found.real, found.fake), (batch.target * weight, face * weight))


def test_face_style_teaches_the_decoder_alone_and_background_style_all() -> None:
    _, batch = batches()
    for options, reaches in (({"face_style_power": 10.0}, False), ({"bg_style_power": 10.0}, True)):
        network = reference_model("df-ud")
        style = objective(network, **options).dst(batch).style
        assert style is not None
        style.sum().backward()
        assert (network.encoder.layers[0].conv.weight.grad is not None) == reaches
        assert network.decoder_src.color[0].conv.weight.grad is not None
        assert all(one.grad is None for one in network.decoder_dst.parameters())
        assert all(one.grad is None for one in network.decoder_src.mask.parameters())


def test_amp() -> None:
    network = reference_amp()
    batch, dst_batch = batches()
    plain, with_gan = objective(network), objective(network, gan_power=0.5)
    noise = network.draw_noise(2, torch.Generator().manual_seed(0))
    with torch.no_grad():
        found, judged, src = plain.dst(dst_batch), with_gan.dst(dst_batch), with_gan.src(batch, noise)
        face = network.reconstruct_dst(dst_batch.image).face
        assert with_gan.patches is not None
        outside = 1 - soft_mask(dst_batch.mask)
        rest = face * outside
        down, right = rest.diff(dim=2), rest.diff(dim=3)
        expected = 0.1 * ((face - dst_batch.target) * outside).square().mean((1, 2, 3))
        expected += 1e-6 * (down.square().sum((1, 2, 3)) + right.square().sum((1, 2, 3)))
        maps = with_gan.patches._module(face * (1 - outside))
    torch.testing.assert_close(found.loss, torch.tensor([5.37666, 5.90190]), rtol=0, atol=2e-5)
    assert found.extra is not None
    assert judged.extra is not None
    torch.testing.assert_close(found.extra, expected, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(judged.extra, expected + 0.5 * sum(map(cross_entropy, maps)), rtol=1e-5, atol=1e-6)
    assert src.real is not None
    assert judged.real is not None  # one discriminator judges both sides
