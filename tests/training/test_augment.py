"""Augmentation does what it says, to a fraction of a pixel."""

import math

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from understudy.training.augment import FLIP_CHANCE, Draw, augment, draw, unaugmented
from understudy.training.resample import resample

S, T = 64, 88


def identity(count: int = 1) -> Draw:
    return Draw(torch.eye(3)[:2].repeat(count, 1, 1), torch.zeros(count, 2, 9, 9))


@pytest.fixture(scope="module")
def rows() -> Tensor:
    """(4, 5, 88, 88) uint8, smooth."""
    noise = np.random.default_rng(0).random((T, T, 20), np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 5)
    smooth = (smooth - smooth.min()) / np.ptp(smooth) * 255
    return torch.from_numpy(smooth.astype(np.uint8)).permute(2, 0, 1).reshape(4, 5, T, T)


def test_nothing_drawn_changes_nothing(rows: Tensor) -> None:
    batch = augment(rows, identity(4), resolution=S, warp=True)
    for found, expected in zip(batch, unaugmented(rows, resolution=S), strict=True):
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_mirror_is_exact(rows: Tensor) -> None:
    mirrored = Draw(torch.tensor([[[-1.0, 0, 1], [0, 1, 0]]]).repeat(4, 1, 1), identity(4).nodes)
    batch = augment(rows, mirrored, resolution=S, warp=False)
    torch.testing.assert_close(batch.target, unaugmented(rows, resolution=S).target.flip(3), rtol=0, atol=1e-5)


def test_similarity_equals_opencv(rows: Tensor) -> None:
    numbers = draw(4, Generator().manual_seed(5), scale=0.15, flip=True)
    batch = augment(rows, numbers, resolution=S, warp=False)
    margin = (T - S) / 2
    for row, matrix, target in zip(rows, numbers.matrix.double().numpy(), batch.target, strict=True):
        # From pixel centres of the result to pixel centres of the row.
        to_row = matrix.copy()
        to_row[:, 2] = matrix[:, 2] * S + matrix[:, :2] @ (0.5, 0.5) - 0.5 + margin
        picture = row[:3].permute(1, 2, 0).numpy().astype(np.float32) / 255
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        expected = cv2.warpAffine(picture, to_row, (S, S), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        assert np.abs(target.permute(1, 2, 0).numpy() - expected).max() < 0.01


def test_input_and_target_share_all_but_the_warp(rows: Tensor) -> None:
    numbers = draw(4, Generator().manual_seed(6), scale=0.05, flip=True)
    plain = augment(rows, numbers, resolution=S, warp=False)
    bent = augment(rows, numbers, resolution=S, warp=True)
    assert plain.image is plain.target
    assert torch.equal(plain.target, bent.target)
    assert (bent.image - bent.target).abs().mean() > 1e-3


def test_a_displaced_node_bends_its_four_cells_bilinearly(rows: Tensor) -> None:
    numbers = identity()
    numbers.nodes[0, :, 4, 4] = torch.tensor([3 / S, -2 / S])  # the centre node looks 3 right and 2 up
    image = augment(rows[:1], numbers, resolution=S, warp=True).image[0]
    place = (np.arange(S) + 0.5) / S * 8  # in cells
    tent = np.clip(1 - np.abs(place - 4), 0, None)
    weight = tent[:, None] * tent[None, :]
    y, x = np.mgrid[:S, :S] + (T - S) // 2
    picture = rows[0, :3].permute(1, 2, 0).numpy().astype(np.float32) / 255
    expected = cv2.remap(
        picture, (x + 3 * weight).astype(np.float32), (y - 2 * weight).astype(np.float32), cv2.INTER_CUBIC
    )
    assert np.abs(image.permute(1, 2, 0).numpy() - expected).max() < 0.01


def test_distributions() -> None:
    count = 4000
    numbers = draw(count, Generator().manual_seed(0), scale=0.15, flip=True)
    linear = numbers.matrix[:, :, :2].double()
    determinant = torch.linalg.det(linear)
    assert (determinant < 0).double().mean() == pytest.approx(FLIP_CHANCE, abs=0.03)
    size = determinant.abs().rsqrt()
    assert 1 / 1.15 <= size.min() < 0.88
    assert 1.14 < size.max() <= 1.1501
    angle = torch.atan2(-linear[:, 0, 1], linear[:, 1, 1])
    assert math.radians(9.9) < angle.abs().max() <= math.radians(10.001)
    assert abs(angle.mean()) < math.radians(0.5)
    centre = linear.sum(2) / 2 + numbers.matrix[:, :, 2]  # where the result's centre looks, in crop sides
    shift = (centre - 0.5).abs() * size[:, None]
    assert 0.04 < shift.max() < 0.05 * 2**0.5


def test_warp_nodes() -> None:
    nodes = draw(6000, Generator().manual_seed(1), scale=0.0, flip=False).nodes
    assert not nodes[:, :, [0, -1], :].any()
    assert not nodes[:, :, :, [0, -1]].any()
    # The grids differ in whether the in-between nodes lie on straight lines.
    halfway = (nodes[:, :, 1:-1:2, 2:-1:2] * 2 - nodes[:, :, :-2:2, 2:-1:2] - nodes[:, :, 2::2, 2:-1:2]).abs()
    fine = halfway.amax((1, 2, 3)) > 1e-6
    assert fine.double().mean() == pytest.approx(1 / 3, abs=0.03)
    inner = nodes[fine][:, :, 1:-1, 1:-1] / (0.24 / 8)  # of the eight-cell grid
    assert 0.99 < inner.abs().max() <= 1
    assert inner.std() == pytest.approx(0.3817, abs=0.005)  # standard deviation of the normal cut at 2.5, over 2.5
    assert nodes[~fine].abs().max() == pytest.approx(0.24 / 2, rel=0.05)


def test_equal_seeds_draw_equal_numbers() -> None:
    one, two = (draw(8, Generator().manual_seed(9), scale=0.1, flip=True) for _ in range(2))
    assert torch.equal(one.matrix, two.matrix)
    assert torch.equal(one.nodes, two.nodes)


@pytest.mark.parametrize("cubic", [True, False])
def test_opencv_reads_what_the_kernel_for_gpus_reads(rows: Tensor, cubic: bool) -> None:
    numbers = draw(4, Generator().manual_seed(7), scale=0.15, flip=True)
    axis = torch.linspace(-8, T + 8, S)
    places = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), -1) @ numbers.matrix[:, None, :, :2]
    found = resample(rows[:, :3], (places - 0.5).movedim(-1, 1), cubic=cubic)
    mode = "bicubic" if cubic else "bilinear"
    wanted = F.grid_sample(
        rows[:, :3] / 255, places * (2 / T) - 1, mode=mode, padding_mode="border", align_corners=False
    ).clamp(0, 1)
    assert (found - wanted).abs().max() < 0.01
    assert (found - wanted).abs().mean() < 0.0005


@pytest.mark.gpu
def test_a_gpu_makes_the_same_batch(rows: Tensor) -> None:
    numbers = draw(4, Generator().manual_seed(8), scale=0.15, flip=True)
    device = torch.device("cuda")
    here = augment(rows, numbers, resolution=S, warp=True)
    there = augment(rows.to(device), numbers.to(device), resolution=S, warp=True)
    for one, other in zip(here, there, strict=True):
        assert (one - other.cpu()).abs().max() < 0.01
