import cv2
import numpy as np
import pytest

from understudy.merging.levels import from_display, to_display
from understudy.merging.light import light_gain, relit

SIZE, WIDTH = 128, 60.0


@pytest.fixture
def face():
    noise = cv2.GaussianBlur(np.random.default_rng(2).random((SIZE, SIZE, 3), dtype=np.float32), (0, 0), 1.5)
    return np.clip(0.5 + 3 * (noise - noise.mean()), 0.05, 0.95)


@pytest.fixture
def mask():
    place = np.arange(SIZE) - SIZE / 2
    return np.clip(42 - np.hypot(place, place[:, None]), 0, 1).astype(np.float32)


def transfer_light(face, reference, mask, *, strength):
    return relit(face, light_gain(face, reference, mask, width=WIDTH, strength=strength))


def lit(face, slope):
    """The same under light that falls off across the face, by `slope` in a logarithm over its width."""
    gain = np.exp(slope * (np.arange(SIZE) / SIZE - 0.5))[None, :, None]
    return to_display((from_display(face, np.float32) * gain).astype(np.float32)).clip(0, 1)


def side_difference(picture, mask):
    left, right = (
        np.average(part, weights=weight)
        for part, weight in zip(
            np.split(from_display(picture.mean(axis=2), np.float32), 2, axis=1), np.split(mask, 2, axis=1), strict=True
        )
    )
    return np.log(right / left)


def test_a_face_that_is_lit_alike_stays_as_it_is(face, mask):
    assert np.abs(transfer_light(face, face, mask, strength=1.0) - face).max() < 0.5 / 255


def test_another_exposure_or_tint_is_not_light(face, mask):
    reference = to_display(from_display(face, np.float32) * np.array([0.5, 0.4, 0.6], np.float32))
    result = transfer_light(face, reference, mask, strength=1.0)
    inside = mask > 0.5
    assert abs(result[inside].mean() - face[inside].mean()) < 0.02


def test_light_from_one_side_is_taken_over_by_strength(face, mask):
    reference = lit(face[::-1], -2.0)  # another face
    wanted = side_difference(reference, mask) - side_difference(face, mask)
    for strength in (0.0, 0.5, 1.0):
        result = transfer_light(face, reference, mask, strength=strength)
        got = side_difference(result, mask) - side_difference(face, mask)
        assert np.isclose(got, strength * wanted, atol=0.25 * abs(wanted))


def test_detail_is_of_the_face_and_not_of_the_reference(face, mask):
    noise = np.random.default_rng(5).normal(0, 0.1, face.shape).astype(np.float32)
    calm = transfer_light(face, face, mask, strength=1.0)
    result = transfer_light(face, np.clip(face + noise, 0, 1), mask, strength=1.0)
    change = (result - calm)[mask > 0.5]
    assert change.std() < 0.02


def test_black_and_white_stay_and_nothing_clips(mask):
    steps = np.linspace(0, 1, SIZE, dtype=np.float32)
    face = np.repeat(np.tile(steps[:, None], (1, SIZE))[..., None], 3, axis=2)
    result = transfer_light(face, lit(0.5 * face + 0.2, 3.0), mask, strength=1.0)
    assert result[0].max() == 0.0
    assert result[-1, SIZE // 2 + 30 :].min() > 0.97
    assert (np.diff(result[:, SIZE - 20, 0]) > 0).all()  # brightened, and no two tones became one


def test_an_empty_mask_changes_nothing(face, mask):
    assert (light_gain(face, lit(face, 2.0), np.zeros_like(mask), width=WIDTH, strength=1.0) == 1.0).all()
