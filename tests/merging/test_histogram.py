import numpy as np
import pytest

from understudy.merging.color_samples import ColorSamples
from understudy.merging.histogram import match_histogram


@pytest.fixture
def face():
    return np.random.default_rng(1).random((64, 64, 3), dtype=np.float32) * 0.5 + 0.1


@pytest.fixture
def weights():
    weights = np.random.default_rng(2).random((64, 64), dtype=np.float32)
    weights[:16] = 0.0
    return weights


def test_the_own_histogram_changes_nothing(face, weights):
    assert np.abs(match_histogram(face, ColorSamples.of(face, face.copy(), weights)) - face)[16:].max() < 0.1 / 255


def test_a_tone_curve_is_undone(face, weights):
    dark = face**1.7
    assert np.abs(match_histogram(dark, ColorSamples.of(dark, face, weights)) - face)[16:].max() < 1 / 255


def test_pixels_without_weight_have_no_influence(face, weights):
    reference, other = np.sqrt(face), np.sqrt(face)
    other[:16] = 1.0
    plain = match_histogram(face, ColorSamples.of(face, reference, weights))
    assert np.allclose(match_histogram(face, ColorSamples.of(face, other, weights))[16:], plain[16:], atol=1e-6)


def test_a_threshold_leaves_the_brightest_tones_out(face, weights):
    full = match_histogram(face, ColorSamples.of(face, face, weights))
    cut = match_histogram(face, ColorSamples.of(face, face, weights), threshold=200)
    assert (cut <= full + 1e-6).all()
    assert np.isclose(cut[16:].max(), np.quantile(face, 200 / 255), atol=0.02)
