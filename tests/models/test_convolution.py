"""The training pass for small maps is the plain one, only faster."""

import weakref

import pytest
import torch
from torch import Tensor

from understudy.models.convolution import Casts, Conv2d


def gradients(conv: Conv2d, x: Tensor, direction: Tensor) -> list[Tensor]:
    x = x.clone().requires_grad_()
    conv.zero_grad()
    y = conv(x)
    y.backward(direction.to(y.dtype))
    return [y.detach(), x.grad, conv.weight.grad.clone(), conv.bias.grad.clone()]


@pytest.mark.parametrize(
    ("kernel", "stride", "side", "outputs"),
    [(3, 1, 6, 64), (5, 2, 6, 64), (1, 1, 4, 64), (5, 2, 5, 64), (3, 1, 1, 64), (3, 1, 6, 1100)],
)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_equals_the_library(kernel: int, stride: int, side: int, outputs: int, layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    conv = Conv2d(5, outputs, kernel, stride=stride).to(memory_format=layout)
    x = torch.randn(2, 5, side, side).to(memory_format=layout)
    direction = torch.randn(2, outputs, -(-side // stride), -(-side // stride))
    small = gradients(conv, x, direction)
    assert "SmallConv" in conv(x).grad_fn.name()
    plain = gradients(conv.eval(), x, direction)
    assert "SmallConv" not in conv(x).grad_fn.name()
    torch.testing.assert_close(small, plain, rtol=1e-5, atol=1e-5)


def test_under_autocast_gradients_are_float32_in_the_layout_of_the_weight() -> None:
    torch.manual_seed(0)
    conv = Conv2d(16, 64, 3).to(memory_format=torch.channels_last)
    x, direction = torch.randn(2, 16, 6, 6), torch.randn(2, 64, 6, 6)
    exact = gradients(conv, x, direction)
    with torch.autocast("cpu", torch.bfloat16):
        half = gradients(conv, x, direction)
    assert half[0].dtype == torch.bfloat16
    assert conv.weight.grad.dtype == conv.bias.grad.dtype == torch.float32
    assert conv.weight.grad.stride() == conv.weight.stride()
    for low, high in zip(half, exact, strict=True):
        assert (low - high).abs().max() < 0.02 * high.abs().max()


def test_large_maps_take_the_librarys_way() -> None:
    conv = Conv2d(3, 8, 3)
    assert "SmallConv" not in conv(torch.randn(1, 3, 32, 32)).grad_fn.name()


def test_a_cast_is_shared_while_it_is_held_and_follows_the_weight() -> None:
    casts = Casts()
    weight = torch.nn.Parameter(torch.randn(4, 3))
    held = casts.of(weight, torch.bfloat16)
    assert casts.of(weight, torch.bfloat16) is held
    with torch.no_grad():
        weight.add_(1)
    assert torch.equal(casts.of(weight, torch.bfloat16), weight.bfloat16())
    reference = weakref.ref(casts.of(weight, torch.bfloat16))
    assert reference() is None
