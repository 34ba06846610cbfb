import cv2
import numpy as np
import pytest

from understudy.merging.membrane import membrane
from understudy.merging.rim import Rim
from understudy.merging.seamless import clone_seamlessly, meet_surroundings


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


def met(face, surroundings, inside):
    width = 0.6 * len(inside)
    return meet_surroundings(face, Rim.of(surroundings, inside, width=width), inside, inside, width=width)


def cloned(face, surroundings, inside):
    return clone_seamlessly(face, surroundings, inside)


@pytest.mark.parametrize("way", [met, cloned])
def test_a_face_equal_to_its_surroundings_stays_as_it_is(inside, way):
    face = np.random.default_rng(3).random((*inside.shape, 3), dtype=np.float32)
    assert np.array_equal(way(face, face, inside), face)


def test_cloning_takes_a_constant_tint_away(inside):
    surroundings = 0.3 + 0.3 * np.random.default_rng(4).random((*inside.shape, 3), dtype=np.float32)
    tinted = surroundings + np.array([0.1, -0.05, 0.02], np.float32)
    assert np.abs(cloned(tinted, surroundings, inside) - surroundings).max() < 0.5 / 255


def test_meeting_the_surroundings_takes_a_constant_tint_away(inside):
    surroundings = 0.3 + 0.1 * np.random.default_rng(4).random((*inside.shape, 3), dtype=np.float32)
    tinted = surroundings + np.array([0.1, -0.05, 0.02], np.float32)
    assert np.abs(met(tinted, surroundings, inside) - surroundings)[inside > 0].max() < 2.0 / 255


def skin(size):
    """Lit from one side."""
    shade = np.linspace(1.1, 0.8, size, dtype=np.float32)[None, :, None]
    return np.broadcast_to(np.array([0.7, 0.5, 0.4], np.float32), (size, size, 3)) * shade


def test_another_light_is_met_along_the_edge(inside):
    """A face that is lit from the other side takes on the surroundings' light, all over."""
    surroundings = skin(len(inside))
    face = np.ascontiguousarray(surroundings[:, ::-1])
    assert np.abs(met(face, surroundings, inside) - surroundings)[inside > 0].max() < 0.1 * np.ptp(
        surroundings[0, :, 0]
    )


@pytest.mark.parametrize("shade", [0.1, 0.9])
def test_hair_over_the_edge_has_no_say(inside, shade):
    """Dark or fair, over a third of the edge: the tint is taken away as though there were none."""
    size = len(inside)
    surroundings = skin(size).copy()
    tinted = surroundings + np.array([0.06, -0.04, 0.02], np.float32)
    place = np.arange(size) - size / 2
    outside = np.hypot(place[None, :], place[:, None]) > 0.33 * size
    hair = outside & (place[:, None] < -0.1 * size)
    truth = surroundings.copy()
    surroundings[hair] = shade
    deep = inside.astype(bool) & ~outside
    errors = [np.abs(way(tinted, surroundings, inside) - truth)[deep].max() for way in (met, cloned)]
    assert errors[0] < 2.0 / 255
    assert errors[0] < 0.1 * errors[1]


def test_where_nothing_can_be_trusted_the_face_stays(inside):
    strange = np.zeros((*inside.shape, 3), np.float32)
    place = np.arange(len(inside)) - len(inside) / 2
    strange[np.hypot(place[None, :], place[:, None]) < 0.3 * len(inside)] = 0.6
    face = np.full_like(strange, 0.6)
    assert np.abs(met(face, strange, inside) - face).max() < 3.0 / 255
    assert np.array_equal(met(face, strange, 0 * inside), face)


def test_a_hand_that_crosses_the_edge_does_not_move_the_tint(inside):
    """It comes and goes at the edge of a still face; what is deep inside stays as it is."""
    size, place = len(inside), np.arange(len(inside))
    plate, tinted = skin(size), skin(size) + np.array([0.06, -0.04, 0.02], np.float32)
    rims, poisson = [], []
    for reach in (0.0, 0.05, 0.1, 0.15, 0.1, 0.05, 0.0):
        crossed = plate.copy()
        crossed[np.hypot(place[None, :] - (reach - 0.05) * size, place[:, None] - size / 2) < 0.16 * size] = 0.15
        rims.append(Rim.of(crossed, inside, width=0.6 * size))
        poisson.append(clone_seamlessly(tinted, crossed, inside))
    steadied = [
        meet_surroundings(
            tinted,
            rim.steadied([(0.8, other) for other in rims if other is not rim]),
            inside,
            inside,
            width=0.6 * size,
        )
        for rim in rims
    ]
    deep = (slice(3 * size // 8, 5 * size // 8),) * 2
    moved, before = (np.std([one[deep].mean(axis=(0, 1)) for one in way], axis=0).max() for way in (steadied, poisson))
    assert moved < 0.1 / 255
    assert before > 10 * moved
