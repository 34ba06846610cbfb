"""Steadying takes noise away, and neither motion nor time."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.actors import Identity, PerformanceFrame, Scene, render
from understudy.faces import ExtractSettings, face_matrix, find_faces, invert, steady_track, transform
from understudy.faces.adaptive_regression import smooth_adaptively
from understudy.faces.template import MEAN_FACE
from understudy.media import Frame

_RATE = 25
_WIDTH = 200  # pixels of the face
_NOISE = 0.5  # pixels, of each landmark


def _face() -> np.ndarray:
    turn = np.linspace(0.0, np.pi, 17)
    jaw = np.stack([0.5 - 0.6 * np.cos(turn), 0.25 + 0.85 * np.sin(turn)], axis=1)
    return (np.concatenate([jaw, MEAN_FACE]) - 0.5) * _WIDTH


def _corners(landmarks: np.ndarray) -> np.ndarray:
    """(T, 4, 2) where the corners of the face come to lie in the frame: what is seen of the landmarks' jitter."""
    square = [(20, 20), (80, 20), (80, 80), (20, 80)]
    return np.array([transform(square, invert(face_matrix(face, "full", 100))) for face in landmarks])


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt((errors**2).sum(axis=-1).mean()))


def _noisy(path: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Landmarks on the way along a path (T, 2), exact and found, and their times."""
    truth = _face() + path[:, None]
    found = truth + np.random.default_rng(seed).normal(0, _NOISE, truth.shape)
    return truth, found, np.arange(len(path)) / _RATE


@settings(deadline=None, max_examples=25)
@given(steps=st.lists(st.floats(0.005, 0.08), min_size=1, max_size=40), seconds=st.floats(0.01, 1.0))
def test_constant_velocity_passes_unchanged_at_any_frame_times(steps: list[float], seconds: float) -> None:
    times = np.cumsum(steps)
    moving = _face() + (np.array([200.0, -90.0]) * times[:, None])[:, None]
    assert np.allclose(steady_track(moving, times, seconds), moving, atol=1e-5)


@settings(deadline=None, max_examples=25)
@given(count=st.integers(1, 40), seconds=st.floats(0.01, 1.0), seed=st.integers(0, 99))
def test_time_has_no_direction(count: int, seconds: float, seed: int) -> None:
    path = np.cumsum(np.random.default_rng(seed).normal(0, 3, (count, 2)), axis=0)
    _, found, times = _noisy(path, seed)
    backwards = steady_track(found[::-1], times[-1] - times[::-1], seconds)[::-1]
    assert np.allclose(backwards, steady_track(found, times, seconds), atol=1e-6)


def test_a_face_that_keeps_still_is_steadied_three_times() -> None:
    truth, found, times = _noisy(np.zeros((120, 2)))
    raw, steadied = (_rms(_corners(one) - _corners(truth)) for one in (found, steady_track(found, times, 1.0)))
    assert steadied < raw / 3


@pytest.mark.parametrize("cycles", [1.0, 2.0, 3.0])
def test_a_shake_of_the_head_errs_no_more_than_it_was_found(cycles: float) -> None:
    """40 pixels to either side, up to three times a second: 30 pixels from frame to frame."""
    times = np.arange(150) / _RATE
    path = np.stack([40 * np.sin(2 * np.pi * cycles * times), np.zeros(150)], axis=1)
    truth, found, times = _noisy(path)
    raw, steadied = (_rms(_corners(one) - _corners(truth)) for one in (found, steady_track(found, times, 1.0)))
    assert steadied < 1.05 * raw


def test_a_jerk_is_neither_late_nor_early_and_stillness_around_it_is_steadied() -> None:
    path = np.zeros((100, 2))
    path[50:, 0] = 30.0
    path[49, 0] = 15.0
    truth, found, times = _noisy(path)
    errors = _corners(steady_track(found, times, 1.0)) - _corners(truth)
    raw = _corners(found) - _corners(truth)
    assert _rms(errors[46:54]) < 1.05 * _rms(raw[46:54])
    assert _rms(errors[np.r_[10:40, 60:90]]) < 0.5 * _rms(raw[np.r_[10:40, 60:90]])


def test_a_leap_of_one_frame_alone_is_taken_out_and_a_turn_back_is_not() -> None:
    times = np.arange(40) / _RATE
    noise = np.random.default_rng(1).normal(0, 0.1, 40)
    spiked = noise.copy()
    spiked[[0, 15, 30]] += 1.5
    assert np.abs(smooth_adaptively(spiked[:, None, None], times, 1.0)).max() < 0.3
    there_and_back = 10.0 - np.abs(np.arange(40) - 20.0)
    kept = smooth_adaptively(there_and_back[:, None, None], times, 1.0)[:, 0, 0]
    assert abs(kept[20] - 10.0) < 0.1


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = np.cumsum(np.random.default_rng(2).normal(0, 1, (300, 2)), axis=0)
    _, found, times = _noisy(path)
    whole = steady_track(found, times, 0.6)
    monkeypatch.setattr("understudy.faces.adaptive_regression._BLOCK", 37)
    assert np.allclose(steady_track(found, times, 0.6), whole, atol=1e-9)


def test_a_cut_and_a_long_gap_split() -> None:
    path = np.concatenate([np.zeros((20, 2)), np.full((20, 2), 300.0), np.full((20, 2), 310.0)])
    _, found, times = _noisy(path)
    times[40:] += 2.0
    parts = [steady_track(found[part], times[part], 1.0) for part in (slice(0, 20), slice(20, 40), slice(40, 60))]
    assert np.allclose(steady_track(found, times, 1.0), np.concatenate(parts), atol=1e-9)


def test_zero_seconds_is_off() -> None:
    _, found, times = _noisy(np.zeros((9, 2)))
    assert np.array_equal(steady_track(found, times, 0.0), found)


@pytest.mark.slow
def test_under_sensor_noise_an_actor_who_keeps_still_moves_less_than_a_tenth_of_a_pixel() -> None:
    """Found by the default backend, in a picture whose noise has a standard deviation of four levels."""
    picture = render(Identity.from_seed(2101), PerformanceFrame(), Scene.from_seed(2101), 540).pixels
    random = np.random.default_rng(0)
    frames = [
        Frame(
            np.clip(picture + random.normal(0, 4, picture.shape), 0, 255).astype(np.uint8),
            index,
            Fraction(index, _RATE),
        )
        for index in range(50)
    ]
    found = np.array([faces[0].landmarks for _, faces in find_faces(iter(frames), ExtractSettings())])
    corners = _corners(steady_track(found, np.arange(50) / _RATE, 1.0))
    assert _rms(corners - corners.mean(axis=0)) < 0.1
    raw = _corners(found)
    assert _rms(raw - raw.mean(axis=0)) > 0.1
