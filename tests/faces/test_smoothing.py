"""Smoothing takes noise away, and neither motion nor time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.faces import smooth_landmarks

_STEPS = st.lists(st.floats(0.005, 0.08), min_size=1, max_size=40)


@settings(deadline=None)
@given(steps=_STEPS, seconds=st.floats(0.01, 1.0), seed=st.integers(0, 99))
def test_constant_velocity_passes_unchanged_at_any_frame_times(steps: list[float], seconds: float, seed: int) -> None:
    times = np.cumsum(steps)
    start, velocity = np.random.default_rng(seed).normal(size=(2, 68, 2)) * 100
    moving = start + velocity * times[:, None, None]
    assert np.allclose(smooth_landmarks(moving, times, seconds), moving, atol=1e-6)


@settings(deadline=None)
@given(steps=_STEPS, seconds=st.floats(0.01, 1.0), seed=st.integers(0, 99))
def test_time_has_no_direction(steps: list[float], seconds: float, seed: int) -> None:
    times = np.cumsum(steps)
    points = np.random.default_rng(seed).normal(size=(len(times), 68, 2))
    backwards = smooth_landmarks(points[::-1], times[-1] - times[::-1], seconds)[::-1]
    assert np.allclose(backwards, smooth_landmarks(points, times, seconds), atol=1e-6)


def test_noise_falls_by_the_kernels_own_factor() -> None:
    """White noise of variance 1 leaves with the variance that the response to one impulse has as its energy."""
    times = np.arange(400) / 30
    impulse = np.zeros((400, 1, 1))
    impulse[200] = 1
    energy = float((smooth_landmarks(impulse, times, 0.5) ** 2).sum())
    noise = np.random.default_rng(0).normal(size=(400, 68, 2))
    left = smooth_landmarks(noise, times, 0.5)[20:-20].var()
    assert energy < 0.3
    assert left == pytest.approx(energy, rel=0.05)


def test_a_quick_nod_is_kept() -> None:
    """Two cycles a second, far quicker than a head is usually shaken, lose less than a twentieth."""
    times = np.arange(120) / 30
    nod = np.sin(2 * np.pi * 2 * times)[:, None, None]
    assert smooth_landmarks(nod, times, 0.3)[30:90].max() > 0.95


def test_a_gap_splits() -> None:
    times = np.concatenate([np.arange(10), np.arange(30, 40)]) / 30
    points = np.concatenate([np.zeros((10, 68, 2)), np.full((10, 68, 2), 500.0)])
    assert np.allclose(smooth_landmarks(points, times, 0.5), points, atol=1e-9)


def test_zero_seconds_is_off() -> None:
    points = np.random.default_rng(0).normal(size=(9, 68, 2))
    assert np.array_equal(smooth_landmarks(points, np.arange(9) / 30, 0.0), points)
