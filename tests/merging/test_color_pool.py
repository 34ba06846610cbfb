"""Colours gathered over frames: steadier than one frame's, and never those of another light."""

from dataclasses import replace

import numpy as np
import pytest

from understudy.merging.color_pool import ColorGrid, ColorPool
from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.prediction import Prediction

SIZE = 64


def prediction(noise=0.0, gain=1.0, seed=0):
    random = np.random.default_rng(seed)
    place = np.linspace(0.2, 0.6, SIZE, dtype=np.float32)
    crop = np.stack([np.add.outer(place, place) / 2 * shade for shade in (1.0, 0.8, 0.7)], axis=2)
    face = np.flip(crop, axis=0) * 0.5 + 0.3
    crop = (crop * gain * (1 + noise * random.standard_normal(3))).astype(np.float32)
    mask = np.ones((SIZE, SIZE), np.float32)
    return Prediction(crop, np.ascontiguousarray(face), mask, mask)


def grid(made):
    return ColorGrid.of(made, made.mask)


def samples_of(made):
    return ColorSamples.of(made.face, made.crop, made.mask)


def test_one_frame_alone_gives_the_transfer_of_all_its_pixels():
    made = prediction()
    pooled = ColorPool.gather(grid(made), []).under(made.mask)
    assert np.isclose(pooled.weights.sum(), SIZE * SIZE)
    exact, close = (transfer_color("rct", made.face, samples) for samples in (samples_of(made), pooled))
    assert np.abs(exact - close).max() < 0.01


def test_the_colour_of_the_face_flickers_less():
    frames = [prediction(noise=0.01, seed=seed) for seed in range(24)]
    grids = [grid(made) for made in frames]

    def mean(made, samples):
        return transfer_color("rct", made.face, samples).mean(axis=(0, 1))

    alone = np.array([mean(made, samples_of(made)) for made in frames])
    pooled = np.array(
        [
            mean(
                frames[i],
                ColorPool.gather(grids[i], [(0.8, grids[i + d]) for d in (-4, -3, -2, -1, 1, 2, 3, 4)]).under(
                    frames[i].mask
                ),
            )
            for i in range(4, 20)
        ]
    )
    assert np.std(np.diff(pooled, axis=0)) < 0.5 * np.std(np.diff(alone[4:20], axis=0))


@pytest.mark.parametrize("gain", [0.8, 1.25])
def test_another_light_is_left_out(gain):
    made, lit = prediction(), prediction(gain=gain)
    pool = ColorPool.gather(grid(made), [(1.0, grid(lit))])
    assert pool.shares == (1.0,)


def test_what_the_mask_leaves_out_does_not_count():
    made = prediction()
    left = made.mask.copy()
    left[:, SIZE // 2 :] = 0
    pooled = ColorPool.gather(grid(made), [(0.5, grid(made))]).under(left)
    assert np.isclose(pooled.weights.sum(), 1.5 * SIZE * SIZE / 2)
    assert pooled.too_few is False
    assert ColorPool.gather(grid(made), []).under(np.zeros_like(left)).too_few


def test_light_is_the_mean_of_what_the_frames_say():
    """Under sensor noise the gain flickers by as much less as a mean of frames with these shares."""
    shares = np.exp(-2.0 * (np.arange(-6, 7) / 7) ** 2)
    calm, random = prediction(), np.random.default_rng(5)
    grids = [
        grid(replace(calm, crop=calm.crop + random.normal(0, 0.02, calm.crop.shape).astype(np.float32)))
        for _ in range(13 * 8)
    ]

    def spread(pools):
        gains = np.log([pool.light_gain(calm.mask, width=30.0, strength=1.0) for pool in pools])
        return gains.std(axis=0).mean()

    alone = [ColorPool((one,), (1.0,)) for one in grids]
    together = [ColorPool(tuple(grids[k : k + 13]), tuple(shares)) for k in range(0, 13 * 8, 13)]
    expected = np.sqrt((shares**2).sum()) / shares.sum()
    assert np.isclose(spread(together) / spread(alone), expected, rtol=0.3)


def test_no_light_is_told_by_an_empty_mask():
    made = prediction()
    gain = ColorPool.gather(grid(made), []).light_gain(0 * made.mask, width=30.0, strength=1.0)
    assert gain.shape == (SIZE, SIZE, 3)
    assert (gain == 1.0).all()
