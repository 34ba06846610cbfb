import cv2
import numpy as np
import pytest

from understudy.merging.composite import composite
from understudy.merging.grain import add_grain, grain_field, measure_grain
from understudy.merging.moment import Moment
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings

SIZE = 192
EVERYWHERE = np.ones((SIZE, SIZE), np.bool_)


@pytest.fixture
def plate():
    """Smooth, with hard edges across it."""
    smooth = cv2.GaussianBlur(np.random.default_rng(3).random((SIZE, SIZE, 3), dtype=np.float32), (0, 0), 12)
    smooth = 0.35 + 0.3 * (smooth - smooth.min()) / np.ptp(smooth)
    smooth[40:44], smooth[:, 100:103] = 0.2, 0.8
    return smooth


def field(frame, strength, spread, corner=(0, 0), shape=(SIZE, SIZE)):
    return grain_field(shape, corner, frame, np.array(strength), np.array(spread))


@pytest.mark.parametrize("strength", [0.005, 0.03])
@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0, 1.5])
def test_grain_is_measured_through_the_picture(plate, strength, spread):
    grain = measure_grain(plate + field(1, [strength, strength / 2, strength / 3], [spread, 0.5, 1.0]), EVERYWHERE)
    assert np.allclose(grain.strength, [strength, strength / 2, strength / 3], rtol=0.12)
    # A blur of less than a third of a pixel leaves white noise as good as white.
    assert np.allclose(np.maximum(grain.spread, 0.3), [max(spread, 0.3), 0.5, 1.0], atol=0.12)


def test_a_clean_picture_has_none_and_too_little_of_one_tells_nothing(plate):
    assert (measure_grain(plate, EVERYWHERE).strength < 0.1 / 255).all()
    assert measure_grain(plate, np.zeros((SIZE, SIZE), np.bool_)) is None


def test_grain_is_one_field_over_the_frame():
    """Wherever a face lies, it shows its part; another frame has another."""
    whole = field(7, [0.02, 0.01, 0.01], [0.8, 0.8, 0.8], shape=(300, 300))
    part = field(7, [0.02, 0.01, 0.01], [0.8, 0.8, 0.8], corner=(83, 121), shape=(90, 110))
    assert np.allclose(part, whole[121:211, 83:193], atol=1e-6)
    other = field(8, [0.02, 0.01, 0.01], [0.8, 0.8, 0.8], shape=(300, 300))
    assert abs(np.corrcoef(whole.ravel(), other.ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_a_clean_face_gets_the_plates_grain(plate, amount):
    grainy = plate + field(1, [0.02, 0.01, 0.008], [0.7, 1.2, 1.2])
    face = cv2.GaussianBlur(plate[::-1], (0, 0), 2)
    result = add_grain(face, grainy, np.ones((SIZE, SIZE), np.float32), (10, 20), frame=3, amount=amount)
    found, wanted = measure_grain(result, EVERYWHERE), measure_grain(grainy, EVERYWHERE)
    assert np.allclose(found.strength, amount * wanted.strength, rtol=0.15)
    assert np.allclose(found.spread, wanted.spread, atol=0.15)


def test_a_face_that_is_as_grainy_gets_none(plate):
    one, other = (plate + field(frame, [0.02, 0.01, 0.01], [0.6, 0.6, 0.6]) for frame in (1, 2))
    result = add_grain(one, other, np.ones((SIZE, SIZE), np.float32), (0, 0), frame=3, amount=1.0)
    assert np.abs(result - one).std() < 0.25 * 0.02


def test_a_half_covered_edge_is_as_grainy_as_the_rest(plate):
    grainy = 0.5 + field(1, [0.02, 0.01, 0.01], [0.6, 0.6, 0.6])
    face = np.full_like(grainy, 0.5)
    cover = np.ones((SIZE, SIZE), np.float32)
    cover[:, SIZE // 2 :] = 0.5
    covered = add_grain(face, grainy, cover, (0, 0), frame=3, amount=1.0)
    blended = grainy + cover[..., None] * (covered - grainy)
    assert np.isclose(blended[:, SIZE // 2 :].std(), blended[:, : SIZE // 2].std(), rtol=0.08)


def test_the_same_grain_on_every_worker_and_none_outside(textured, place_face, oval):
    noise = np.random.default_rng(0).normal(0, 5 / 255, textured.shape)
    frame = (np.clip(textured + noise, 0, 1) * 65535).astype(np.uint16)
    face = np.full((128, 128, 3), 0.5, np.float32)
    prediction = Prediction(face, face, oval(128), oval(128))
    settings = MergeSettings(color_transfer="none", match_grain=100.0)
    first, again, later = (
        composite(
            frame, place_face(160, 120, 80), prediction, settings, face_type="whole_face", moment=Moment(frame=index)
        )
        for index in (4, 4, 5)
    )
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, later.pixels)
    assert np.array_equal(first.pixels[~first.changed], frame[~first.changed])
    assert np.isclose(first.pixels[first.alpha > 0.99].std(axis=0).mean() / 65535, 5 / 255, rtol=0.25)
