"""What lies along a face's edge: told apart from hair and hands, and steadied over frames."""

import numpy as np
import pytest

from understudy.merging.rim import Rim, likeness

SIZE, WIDTH = 128, 80.0
SKIN, HAIR = np.array([0.75, 0.55, 0.45], np.float32), np.array([0.2, 0.15, 0.12], np.float32)


@pytest.fixture
def mask(oval):
    return oval(SIZE)


@pytest.fixture
def plate():
    """Skin that is lit from the left, and hair above."""
    shade = np.linspace(1.1, 0.8, SIZE, dtype=np.float32)[None, :, None]
    plate = np.broadcast_to(SKIN, (SIZE, SIZE, 3)) * shade
    plate[: SIZE // 4] = HAIR
    return plate


def noisy(plate, seed):
    return plate + np.random.default_rng(seed).normal(0, 0.02, plate.shape).astype(np.float32)


def test_skin_is_trusted_in_light_and_shade_and_hair_is_not(plate, mask):
    trust = likeness(plate, mask * (np.arange(SIZE) >= SIZE // 4)[:, None], width=WIDTH)
    assert trust[SIZE // 4 + 2 : SIZE - 16].min() > 0.6
    assert trust[: SIZE // 4].max() < 0.05


def test_nothing_is_trusted_where_there_is_no_face(plate, mask):
    assert likeness(plate, 0 * mask, width=WIDTH).max() == 0


def test_noise_falls_as_the_mean_over_the_frames_says(plate, mask):
    """Frames that count by their shares s leave sqrt(sum s^2) / sum s of unrelated noise."""
    shares = np.exp(-2.0 * (np.arange(1, 7) / 7) ** 2).repeat(2)
    own = [Rim.of(noisy(plate, seed), mask, width=WIDTH) for seed in range(13 * 12)]
    steadied = [own[k].steadied(list(zip(shares, own[k + 1 : k + 13], strict=True))) for k in range(0, 13 * 12, 13)]
    place = own[0].trust > 0.9
    alone, together = (np.std([rim.plate[place] for rim in rims], axis=0).mean() for rims in (own, steadied))
    weights = np.append(shares, 1.0)
    assert np.isclose(together / alone, np.sqrt((weights**2).sum()) / weights.sum(), rtol=0.25)


def test_the_exposure_stays_this_frames(plate, mask):
    own = Rim.of(plate, mask, width=WIDTH)
    others = [(0.8, Rim.of(plate + np.float32(step), mask, width=WIDTH)) for step in (-0.05, 0.02, 0.06)]
    trusted = own.trust > 0.5
    assert np.abs(own.steadied(others).plate - own.plate)[trusted].max() < 0.5 / 255


def test_what_is_covered_in_this_frame_is_told_by_the_others(plate, mask):
    covered = plate.copy()
    covered[60:90, 20:32] = (0.1, 0.3, 0.1)
    own, other = Rim.of(covered, mask, width=WIDTH), Rim.of(plate, mask, width=WIDTH)
    rim = own.steadied([(0.8, other), (0.8, other)])
    behind = (slice(32, 43), slice(12, 15))  # of the half as large rim
    assert own.trust[behind].max() < 0.05
    assert rim.trust[behind].min() > 0.3
    assert np.abs(rim.plate - other.plate)[behind].max() < 2 / 255


def test_what_has_moved_in_a_trusted_place_is_not_mixed_in(plate, mask):
    """Another skin that passes through the neighbours leaves this frame's as it is."""
    passed = plate.copy()
    passed[60:90, 20:60] *= np.float32(1.15)
    own, other = Rim.of(plate, mask, width=WIDTH), Rim.of(passed, mask, width=WIDTH)
    assert np.abs(own.steadied([(0.8, other)] * 4).plate - own.plate)[own.trust > 0.5].max() < 4 / 255
