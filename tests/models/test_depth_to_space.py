"""The block of a pixel's channels, there and back."""

import pytest
import torch
import torch.nn.functional as F

from understudy.models.depth_to_space import depth_to_space


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_equals_the_library_forward_and_backward(factor: int, layout: torch.memory_format) -> None:
    torch.manual_seed(0)
    maps = torch.randn(2, 5 * factor**2, 4, 6).to(memory_format=layout)
    direction = torch.randn(2, 5, 4 * factor, 6 * factor)
    results = []
    for function in (depth_to_space, F.pixel_shuffle):
        x = maps.clone().requires_grad_()
        y = function(x, factor)
        y.backward(direction)
        results.append((y.detach(), x.grad))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])


def test_its_gradient_is_the_numerical_one() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 8, 2, 3, dtype=torch.float64).to(memory_format=torch.channels_last).requires_grad_()
    assert torch.autograd.gradcheck(depth_to_space, (x,))
