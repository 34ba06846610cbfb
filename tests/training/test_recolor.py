"""Colour transfers on whole batches equal the merge's, OpenCV's and plain formulas, one face at a time."""

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.training.lab import lab_to_rgb, rgb_to_lab
from understudy.training.recolor import (
    ColorMode,
    draw_directions,
    iterative_transfer,
    linear_transfer,
    recolor,
    sliced_transport,
    statistics,
)

S, T = 36, 48
MODES: list[ColorMode] = ["rct", "lct", "mkl", "idt", "sot"]


def faces(seed: int) -> Tensor:
    """(3, 5, 48, 48) uint8: smooth, correlated colours, a round mask with a soft edge."""
    random = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(random.random((T, T, 9), np.float32), (0, 0), 3).reshape(T, T, 3, 3)
    noise = (noise - noise.mean((0, 1))) / noise.std((0, 1))
    colors = 0.45 + 0.1 * noise @ (0.6 * np.eye(3) + 0.4 * random.random((3, 3))) + random.uniform(-0.1, 0.1, (3, 3))
    y, x = np.mgrid[:T, :T]
    mask = np.clip(18 - np.hypot(x - 24, y - 22 - seed), 0, 1)
    rows = np.concatenate([colors.transpose(2, 3, 0, 1), np.broadcast_to(mask, (3, 2, T, T))], 1)
    return torch.from_numpy((rows.clip(0, 1) * 255).round().astype(np.uint8))


def transferred(mode: ColorMode, *, masked: bool = True, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    rows, reference = faces(1), faces(2)
    directions = draw_directions(mode, len(rows), Generator().manual_seed(seed))
    return rows, reference, recolor(rows, reference, mode=mode, directions=directions, masked=masked, resolution=S)


def picture(row: Tensor) -> NDArray[np.float32]:
    return row[:3].permute(1, 2, 0).numpy().astype(np.float32) / 255


def flat(rows: Tensor) -> tuple[Tensor, Tensor]:
    return rows[:, :3].flatten(2) / 255, rows[:, 3].flatten(1) / 255


@pytest.mark.parametrize("mode", ["rct", "mkl"])
def test_equals_the_merge_where_both_sides_have_one_mask(mode: ColorMode) -> None:
    rows, reference = faces(1), faces(2)
    reference[:, 3:] = rows[:, 3:]
    found = recolor(rows, reference, mode=mode, directions=torch.empty(3, 0), masked=True, resolution=S)
    for row, other, moved in zip(rows, reference, found, strict=True):
        weights = row[3].numpy().astype(np.float32) / 255
        samples = ColorSamples.of(picture(row), picture(other), weights)
        expected = transfer_color(mode, picture(row), samples, weights)
        assert np.abs(picture(moved) - expected).max() < 0.012  # OpenCV's Lab is tabulated
        assert np.abs(picture(moved) - expected).mean() < 0.002


def test_lab_equals_opencv_and_returns() -> None:
    colors = torch.rand(1, 3, 1000, generator=Generator().manual_seed(0)) ** 2
    image = colors[0].T.reshape(1, 1000, 3).numpy()
    expected = torch.from_numpy(cv2.cvtColor(image, cv2.COLOR_RGB2LAB))[0].T
    torch.testing.assert_close(rgb_to_lab(colors)[0], expected, rtol=0, atol=0.6)  # OpenCV's is tabulated
    torch.testing.assert_close(lab_to_rgb(rgb_to_lab(colors)), colors, rtol=0, atol=1e-4)
    white = torch.tensor([1.0, 1, 1]).view(1, 3, 1)
    torch.testing.assert_close(rgb_to_lab(white).flatten(), torch.tensor([100.0, 0, 0]), rtol=0, atol=1e-3)


def test_lct_equals_its_formula() -> None:
    (pixels, weights), (wanted, wanted_weights) = flat(faces(1)), flat(faces(2))
    found = linear_transfer(pixels, wanted, weights, wanted_weights)
    for one in range(3):
        statistics_of = []
        for values, share in ((pixels[one], weights[one]), (wanted[one], wanted_weights[one])):
            x, w = values.double().numpy(), share.double().numpy()
            statistics_of.append((np.average(x, 1, w), np.cov(x, aweights=w, ddof=0) + 1e-5 * np.eye(3)))
        (mean, a), (wanted_mean, b) = statistics_of
        root_a, root_b = (v @ np.diag(np.sqrt(e)) @ v.T for e, v in (np.linalg.eigh(a), np.linalg.eigh(b)))
        centred = pixels[one].double().numpy() - mean[:, None]
        expected = root_b @ np.linalg.inv(root_a) @ centred + wanted_mean[:, None]
        assert np.abs(found[one].numpy() - expected).max() < 1e-4


def test_idt_equals_histograms_matched_along_rotated_axes() -> None:
    pixels, wanted = (one[:1, :3].flatten(2) / 255 for one in (faces(1), faces(2)))
    ones = torch.ones(1, pixels.shape[2])
    rotations = draw_directions("idt", 1, Generator().manual_seed(4))
    assert torch.allclose(rotations @ rotations.transpose(2, 3), torch.eye(3), atol=1e-5)
    found = iterative_transfer(pixels, wanted, ones, ones, rotations)[0].numpy()
    x, goal = pixels[0].double().numpy(), wanted[0].double().numpy()
    for rotation in rotations[0].double().numpy():
        turned, other, moved = rotation @ x, rotation @ goal, np.empty_like(x)
        for axis in range(3):
            low = min(turned[axis].min(), other[axis].min())
            high = max(turned[axis].max(), other[axis].max())
            edges = np.linspace(low, high, 257)
            ranks, goals = (
                np.concatenate([[0], np.histogram(one, edges)[0].cumsum()]) / len(one)
                for one in (turned[axis], other[axis])
            )
            moved[axis] = np.interp(turned[axis], edges, np.interp(ranks, goals, edges))
        x = x + rotation.T @ (moved - turned) / len(rotations[0])
    difference = np.abs(found - x)  # where a histogram is flat the two take either end of the gap
    assert difference.mean() < 5e-4
    assert np.quantile(difference, 0.99) < 5e-3


def test_sot_equals_sorted_matching_and_a_blurred_change() -> None:
    pixels, wanted = (one[:1, :3] / 255 for one in (faces(1), faces(2)))
    ones = torch.ones(1, T, T)
    directions = draw_directions("sot", 1, Generator().manual_seed(5))
    found = sliced_transport(pixels, wanted, ones, ones, directions)[0]
    start = pixels[0].flatten(1).double().numpy()
    x, goal = start.copy(), wanted[0].flatten(1).double().numpy()
    for step in directions[0].double().numpy():
        change = np.zeros_like(x)
        for axis in step:
            along, other = axis @ x, np.sort(axis @ goal)
            order = np.argsort(along)
            matched = np.empty_like(along)
            matched[order] = other
            change += np.outer(axis, matched - along)
        x += change / len(step)
    change = (x - start).T.reshape(T, T, 3).astype(np.float32)
    # The reference: a bilateral filter with a range so wide that it is a blur.
    smooth = cv2.bilateralFilter(change, 0, 5, 16)
    moved = (found - pixels[0]).permute(1, 2, 0).numpy()
    assert np.abs(moved - smooth)[12:-12, 12:-12].mean() < 0.1 * np.abs(smooth).mean()


@pytest.mark.parametrize("mode", MODES)
def test_statistics_come_near_the_reference(mode: ColorMode) -> None:
    rows, reference, found = transferred(mode)
    (before, _), (after, _), (goal, spread) = (statistics(*flat(one)) for one in (rows, found, reference))
    # idt moves by a twentieth twenty times: (19/20)^20 = 0.36 of the difference is left; sot is smoothed.
    left = {"idt": 0.37, "sot": 0.2}.get(mode, 0.1)
    assert (after - goal).abs().mean() < left * (before - goal).abs().mean()
    if mode in ("lct", "mkl"):
        _, covariance = statistics(*flat(found))
        assert (covariance - spread).abs().mean() < 0.25 * spread.abs().mean()
    assert torch.equal(found[:, 3:], rows[:, 3:])


@pytest.mark.parametrize("mode", MODES)
def test_the_background_has_a_say_only_without_mask(mode: ColorMode) -> None:
    rows, reference = faces(1), faces(2)
    directions = draw_directions(mode, 3, Generator().manual_seed(0))
    other = reference.clone()
    other[:, :3] = torch.where(other[:, 3:4] > 0, other[:, :3], 255)
    within = rows[:, 3] > 0

    def differ(masked: bool) -> float:
        one, two = (
            recolor(rows, given, mode=mode, directions=directions, masked=masked, resolution=S).int()
            for given in (reference, other)
        )
        return float((one - two)[:, :3].movedim(1, -1)[within].abs().float().mean())

    assert differ(masked=True) < (3 if mode == "idt" else 0.1)  # idt's bins span what is outside too
    assert differ(masked=False) > 10


@pytest.mark.parametrize("mode", MODES)
def test_nothing_to_go_by_and_flat_colours(mode: ColorMode) -> None:
    rows, reference = faces(1), faces(2)
    rows[0, 3] = 0
    reference[1, 3] = 0
    rows[2, :3] = 100
    directions = draw_directions(mode, 3, Generator().manual_seed(0))
    found = recolor(rows, reference, mode=mode, directions=directions, masked=True, resolution=S)
    assert torch.equal(found[:2], rows[:2])
    (mean, _), (wanted, _) = statistics(*flat(found[2:])), statistics(*flat(reference[2:]))
    assert (mean - wanted).abs().max() < 0.12
