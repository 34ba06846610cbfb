"""Flicker of a mask is evened out; what really changes is not smeared."""

from dataclasses import replace

import numpy as np
import pytest

from understudy.merging.mask_steadying import steady_masks
from understudy.merging.prediction import Prediction

SIZE = 32


def prediction(mask):
    picture = np.full((SIZE, SIZE, 3), 0.5, np.float32)
    return Prediction(picture, picture, mask, np.ones_like(mask))


@pytest.fixture
def disc():
    place = np.linspace(-1, 1, SIZE)
    return ((0.7 - np.hypot(place[:, None], place)) * 8).clip(0, 1).astype(np.float32)


def test_flicker_falls_and_its_mean_stays(disc):
    random = np.random.default_rng(0)
    flickering = [(disc + random.normal(0, 0.05, disc.shape)).astype(np.float32) for _ in range(5)]
    others = [(0.8, prediction(mask)) for mask in flickering[1:]]
    steady = steady_masks(prediction(flickering[0]), others).mask
    assert np.std(steady - disc) < 0.6 * np.std(flickering[0] - disc)
    assert abs(np.mean(steady - disc)) < 0.005


def test_a_hand_that_comes_in_the_next_frame_is_not_seen_in_this_one(disc):
    covered = disc.copy()
    covered[:, : SIZE // 2] = 0
    others = [(1.0, prediction(covered))] * 2
    steady = steady_masks(prediction(disc), others).mask
    opaque = disc == 1
    assert np.array_equal(steady[opaque], disc[opaque])
    assert np.abs(steady_masks(prediction(covered), [(1.0, prediction(disc))]).mask - covered)[opaque].max() == 0


def test_alone_and_among_equals_a_mask_stays(disc):
    own = prediction(disc)
    assert steady_masks(own, []) is own
    steady = steady_masks(own, [(0.5, replace(own))] * 3)
    assert np.allclose(steady.mask, disc, atol=1e-6)
    assert steady.face is own.face
