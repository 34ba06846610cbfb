"""A transposed convolution as an equal convolution."""

import pytest
import torch
from torch import nn

from understudy.models.transposed_convolution import ConvTranspose2d


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_equals_the_librarys_without_its_surplus(stride: int, layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    layer = ConvTranspose2d(5, 7, stride=stride).double().to(memory_format=layout)
    maps = torch.randn(2, 5, 6, 9, dtype=torch.float64).to(memory_format=layout)
    direction = torch.randn(2, 7, 6 * stride, 9 * stride, dtype=torch.float64)
    results = []
    for function in (layer, lambda x: nn.ConvTranspose2d.forward(layer, x)[:, :, : 6 * stride, : 9 * stride]):
        layer.zero_grad()
        x = maps.clone().requires_grad_()
        y = function(x)
        y.backward(direction)
        results.append([y.detach(), x.grad, layer.weight.grad, layer.bias.grad])
    torch.testing.assert_close(results[0], results[1])
