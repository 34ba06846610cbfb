import cv2
import numpy as np
import pytest

from understudy.merging.seamless import clone_seamlessly, membrane


@pytest.fixture(params=[96, 128, 224])
def inside(request):
    size = request.param
    place = np.arange(size) - size / 2
    return np.clip(0.35 * size - np.hypot(place[None, :], place[:, None]), 0.0, 1.0).astype(np.float32)


def test_a_membrane_reproduces_harmonic_functions(inside):
    """x, and x^2 - y^2, have no Laplacian: held at the edge they are what the membrane must be inside."""
    size = inside.shape[0]
    x, y = np.meshgrid(*2 * (np.linspace(-1, 1, size),))
    truth = np.stack([x, x * x - y * y, np.ones_like(x)], axis=2).astype(np.float32)
    held = truth * (inside[..., None] < 1)
    assert np.abs(membrane(held, inside) - truth).max() < 0.005


def test_a_membrane_is_what_plain_relaxation_ends_at(inside):
    """Random values on the edge; the relaxation is carried on until it stands still."""
    small = cv2.resize(inside, (32, 32), interpolation=cv2.INTER_AREA)
    values = np.random.default_rng(0).random((32, 32, 1)).astype(np.float32)
    kernel = np.array([[1, 4, 1], [4, 0, 4], [1, 4, 1]], np.float64) / 20
    truth = np.zeros((32, 32))
    for _ in range(5000):
        mean = cv2.filter2D(truth, -1, kernel, borderType=cv2.BORDER_REPLICATE)
        truth = (1 - small) * values[..., 0] + small * mean
    assert np.abs(membrane(values, small)[..., 0] - truth).max() < 0.02


def test_a_face_equal_to_its_surroundings_stays_as_it_is(inside):
    face = np.random.default_rng(3).random((*inside.shape, 3), dtype=np.float32)
    assert np.array_equal(clone_seamlessly(face, face, inside), face)


def test_a_constant_tint_is_taken_away(inside):
    surroundings = 0.3 + 0.3 * np.random.default_rng(4).random((*inside.shape, 3), dtype=np.float32)
    tinted = surroundings + np.array([0.1, -0.05, 0.02], np.float32)
    assert np.abs(clone_seamlessly(tinted, surroundings, inside) - surroundings).max() < 0.5 / 255
