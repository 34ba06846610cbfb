import cv2
import numpy as np
import pytest

from understudy.merging.sharpness import match_sharpness

SIZE = 160
COVER = np.ones((SIZE, SIZE), np.float32)


def drawing(seed):
    """Lines, spots and areas: (SIZE, SIZE, 3), sharp to a pixel or so."""
    random = np.random.default_rng(seed)
    picture = np.full((4 * SIZE, 4 * SIZE, 3), 0.5, np.float32)
    for _ in range(60):
        first, last = (tuple(int(v) for v in random.integers(0, 4 * SIZE, 2)) for _ in range(2))
        cv2.line(picture, first, last, random.uniform(0.2, 0.8, 3).tolist(), int(random.integers(4, 24)), cv2.LINE_AA)
    return cv2.GaussianBlur(cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA), (0, 0), 0.7)


def energy(picture):
    return float(np.square(picture - cv2.GaussianBlur(picture, (0, 0), 1.0))[8:-8, 8:-8].mean())


@pytest.mark.parametrize("sigma", [0.8, 1.3, 2.0])
def test_a_face_becomes_as_soft_as_the_plate(sigma):
    """Told from another drawing, with grain on it, that was blurred by `sigma`."""
    random = np.random.default_rng(9)
    plate = cv2.GaussianBlur(drawing(2), (0, 0), sigma) + random.normal(0, 0.005, (SIZE, SIZE, 3)).astype(np.float32)
    face = drawing(1)
    wanted = energy(cv2.GaussianBlur(face, (0, 0), sigma))
    result = match_sharpness(face, plate, COVER, amount=1.0)
    assert 0.55 < energy(result) / wanted < 1.8
    assert energy(face) / wanted > 2.0


def test_a_soft_face_becomes_sharper_but_not_beyond_measure():
    soft = cv2.GaussianBlur(drawing(1), (0, 0), 0.8)
    result = match_sharpness(soft, drawing(2), COVER, amount=1.0)
    assert 1.2 < energy(result) / energy(soft) < 4.0
    hopeless = cv2.GaussianBlur(drawing(1), (0, 0), 5.0)
    assert energy(match_sharpness(hopeless, drawing(2), COVER, amount=1.0)) < 6.3 * energy(hopeless)


def test_equals_stay_and_the_amount_counts():
    face = drawing(1)
    assert np.abs(match_sharpness(face, face, COVER, amount=1.0) - face).max() < 0.02
    plate = cv2.GaussianBlur(drawing(2), (0, 0), 2.0)
    energies = [energy(match_sharpness(face, plate, COVER, amount=amount)) for amount in (0.0, 0.5, 1.0)]
    assert energies[0] > energies[1] > energies[2]


def test_too_few_pixels_tell_nothing():
    face = drawing(1)
    assert match_sharpness(face, drawing(2), 0 * COVER, amount=1.0) is face
