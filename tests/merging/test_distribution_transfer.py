import cv2
import numpy as np
import pytest

from understudy.merging.color_map import ColorMap
from understudy.merging.color_samples import ColorSamples
from understudy.merging.distribution_transfer import iterative_transfer, mixed_transfer, sliced_transport


@pytest.fixture
def pictures():
    """A face and a reference whose colours no linear map takes to one another, and a round mask."""
    random = np.random.default_rng(4)
    smooth = cv2.GaussianBlur(random.random((96, 96, 6), dtype=np.float32), (0, 0), 5).reshape(96, 96, 2, 3)
    smooth = (smooth - smooth.mean(axis=(0, 1))) / smooth.std(axis=(0, 1))
    mixing = np.array([[1, 0.7, 0.6], [0.2, 0.5, 0.3], [0, 0.1, 0.4]], np.float32)
    face = np.clip(0.55 + 0.1 * smooth[..., 0, :] @ mixing, 0.02, 0.98)
    reference = np.clip(0.6 + 0.13 * smooth[..., 1, :] @ mixing, 0.02, 0.98) ** np.array([2.5, 1.7, 1.2], np.float32)
    place = np.arange(96) - 47.5
    mask = np.clip(40 - np.hypot(place, place[:, None]), 0, 1).astype(np.float32)
    return face.astype(np.float32), reference.astype(np.float32), mask


def distance(one, other, mask):
    """Mean distance of equal ranks along seven directions, of the pixels under the mask."""
    axes = np.array(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.6, 0.5], [0.7, -0.7, 0], [0, 0.7, -0.7], [0.5, 0.5, -0.7]]
    )
    along = [np.sort(picture[mask > 0.99] @ axes.T, axis=0) for picture in (one, other)]
    return np.abs(along[0] - along[1]).mean()


def test_idt_matches_the_distribution_along_directions_it_was_not_fitted_on(pictures):
    face, reference, mask = pictures
    moved = iterative_transfer(face, ColorSamples.of(face, reference, mask))
    assert distance(moved, reference, mask) < 0.06 * distance(face, reference, mask)
    assert distance(moved, reference, mask) < 1.5 / 255


def test_sot_and_mix_come_near_the_distribution(pictures):
    face, reference, mask = pictures
    samples = ColorSamples.of(face, reference, mask)
    before = distance(face, reference, mask)
    assert distance(sliced_transport(face, samples, mask), reference, mask) < 0.3 * before
    assert distance(mixed_transfer(face, samples), reference, mask) < 0.3 * before


def test_sot_changes_no_detail(pictures):
    """What it adds is smooth over the face: noise in it stays as strong as it was."""
    face, reference, mask = pictures
    noisy = np.clip(face + np.random.default_rng(1).normal(0, 0.02, face.shape), 0, 1).astype(np.float32)
    samples = ColorSamples.of(noisy, reference, mask)
    change = sliced_transport(noisy, samples, mask) - noisy
    inside = mask > 0.99
    assert np.abs(np.diff(change, axis=1))[inside[:, 1:]].mean() < 0.004
    assert np.abs(change[inside]).mean() > 0.05


@pytest.mark.parametrize("transfer", [iterative_transfer, mixed_transfer])
def test_a_frozen_shot_does_not_flicker(pictures, transfer):
    """Noise of a level in both pictures moves the colours by a fraction of a level; the same pictures, by nothing."""
    face, reference, mask = pictures
    random = np.random.default_rng(2)
    steady = transfer(face, ColorSamples.of(face, reference, mask))
    assert np.array_equal(steady, transfer(face, ColorSamples.of(face, reference, mask)))
    noisy = [one + random.normal(0, 1 / 255, one.shape).astype(np.float32) for one in (face, reference)]
    other = transfer(face, ColorSamples.of(*noisy, mask))
    assert np.abs(other - steady)[mask > 0.99].mean() < 0.25 / 255


def test_a_color_map_learns_a_smooth_map_and_is_linear_elsewhere():
    random = np.random.default_rng(3)
    colors = (0.3 + 0.3 * random.random((3000, 3))).astype(np.float32)
    goals = (colors**1.5).astype(np.float32)
    matrix, offset = 0.9 * np.eye(3), np.full(3, 0.01)
    learnt = ColorMap(colors, goals, np.ones(3000, np.float32), matrix=matrix, offset=offset)
    inside = (0.35 + 0.2 * random.random((50, 1, 3))).astype(np.float32)
    assert np.abs(learnt(inside) - inside**1.5).max() < 1.5 / 255
    far = np.array([[[0.95, 0.95, 0.95], [0.02, 0.9, 0.05]]], np.float32)
    assert np.abs(learnt(far) - (far * 0.9 + 0.01)).max() < 1e-4
