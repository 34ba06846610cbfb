"""Weights begin as the papers say."""

import pytest
import torch
from torch import nn

from understudy.models import SAEHD
from understudy.models.initialization import fill_convolution_aware, initialize, orthonormal_rows

TINY = {"resolution": 64, "archi": "df-ud", "ae_dims": 8, "e_dims": 8, "d_dims": 8, "d_mask_dims": 4}


@pytest.mark.parametrize(("kernel", "size"), [(3, 6), (5, 15)])
def test_rows_are_orthonormal_as_many_at_a_time_as_there_are_dimensions(kernel: int, size: int) -> None:
    assert kernel * (kernel // 2 + 1) == size
    torch.manual_seed(0)
    rows = orthonormal_rows(7, 2 * size + 3, size)
    assert rows.shape == (7, 2 * size + 3, size)
    for start in (0, size, 2 * size):
        group = rows[:, start : start + size]
        torch.testing.assert_close(group @ group.mT, torch.eye(group.shape[1]).expand(7, -1, -1), rtol=0, atol=1e-5)
    assert (rows[:, :size] @ rows[:, size : 2 * size].mT).abs().max() > 0.3  # groups are drawn apart


@pytest.mark.parametrize("shape", [(64, 24, 3, 3), (32, 45, 5, 5), (256, 64, 1, 1), (8, 3, 5, 5)])
def test_variance_is_two_by_the_number_of_inputs(shape: tuple[int, ...]) -> None:
    weight = torch.empty(shape)
    fill_convolution_aware(weight)
    fan_in = shape[1] * shape[2] * shape[3]
    assert weight.var(correction=0).item() == pytest.approx(2 / fan_in, rel=1e-4)
    assert weight.mean().abs() < 0.2 * (2 / fan_in) ** 0.5


def test_kernels_of_one_output_are_less_alike_than_random_ones() -> None:
    def likeness(weight: torch.Tensor) -> float:
        kernels = nn.functional.normalize(weight[:, :6].flatten(2), dim=2)
        products = (kernels @ kernels.mT).abs()
        return float((products.sum((1, 2)) - 6).mean()) / 30

    torch.manual_seed(0)
    aware, plain = torch.empty(128, 12, 3, 3), torch.empty(128, 12, 3, 3)
    fill_convolution_aware(aware)
    nn.init.xavier_uniform_(plain)
    assert likeness(aware) < 0.9 * likeness(plain)  # as the noise and a real kernel's symmetry leave it


def test_networks_begin_so_when_asked_to_and_their_renewed_parts_too() -> None:
    network = SAEHD(**TINY, ca_weights=True)
    assert SAEHD(**network.config()).ca_weights

    def is_aware(weight: torch.Tensor) -> bool:
        fan_in = weight[0].numel()
        return weight.var(correction=0).item() == pytest.approx(2 / fan_in, rel=1e-4)

    convs = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    assert all(is_aware(layer.weight) and not layer.bias.any() for layer in convs)
    limit = (6 / sum(network.inter.dense1.weight.shape)) ** 0.5
    assert network.inter.dense1.weight.abs().max() <= limit
    before = network.inter.upscale.conv.weight.clone()
    network.renew(["inter"])
    assert is_aware(network.inter.upscale.conv.weight)
    assert not torch.equal(before, network.inter.upscale.conv.weight)
    assert not is_aware(SAEHD(**TINY).encoder.layers[0].conv.weight)


def test_weights_without_memory_are_left_alone() -> None:
    with torch.device("meta"):
        network = SAEHD(**TINY, ca_weights=True)
    state = torch.get_rng_state()
    initialize(network, convolution_aware=True)
    assert torch.equal(state, torch.get_rng_state())
