"""Where the numbers of a layer go."""

import torch

from understudy.models.layers import InterleavedColor, Up


@torch.no_grad()
def test_four_channels_in_a_row_become_a_block_of_pixels() -> None:
    up = Up(1, 2, cosine=False)
    up.conv.weight.zero_()
    up.conv.bias.copy_(torch.arange(1.0, 9.0))
    block = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])
    assert torch.equal(up(torch.zeros(1, 1, 2, 3)), block.repeat(1, 2, 3)[None])


@torch.no_grad()
def test_four_convolutions_become_a_block_of_pixels() -> None:
    color = InterleavedColor(1)
    for number, conv in enumerate(color.convs):
        conv.weight.zero_()
        conv.bias.copy_(torch.tensor([0.0, 10.0, 20.0]) + number)
    block = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    expected = torch.stack([block, block + 10, block + 20]).repeat(1, 2, 2)[None]
    assert torch.equal(color(torch.zeros(1, 1, 2, 2)), expected)


@torch.no_grad()
def test_the_1x1_convolution_makes_the_first_pixel_of_its_own_place() -> None:
    color = InterleavedColor(1)
    for conv in color.convs:
        conv.bias.zero_()
    x = torch.zeros(1, 1, 3, 3)
    x[0, 0, 1, 1] = 1
    result = color(x)
    corners = result[..., 0::2, 0::2]
    torch.testing.assert_close(corners[..., 1, 1], color.convs[0].weight[None, :, 0, 0, 0])
    assert int(corners.count_nonzero()) == 3
