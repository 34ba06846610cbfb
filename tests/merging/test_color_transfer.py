import cv2
import numpy as np
import pytest

from understudy.merging.color_samples import ColorSamples
from understudy.merging.color_transfer import transfer_color
from understudy.merging.levels import from_display, to_display
from understudy.merging.linear_color import linear_transfer, monge_kantorovich, reinhard, weighted_statistics

KINDS = ["rct", "lct", "mkl", "mkl-m", "idt", "idt-m", "sot-m", "mix-m"]


@pytest.fixture
def pictures():
    """A face and a reference of different colour, and soft weights with a hole."""
    random = np.random.default_rng(5)
    mixing = np.array([[0.08, 0.03, 0.01], [0.02, 0.06, 0.02], [0.01, 0.02, 0.04]])
    face = 0.45 + random.standard_normal((64, 64, 3)).clip(-2, 2) @ mixing
    reference = np.array([0.55, 0.45, 0.4]) + random.standard_normal((64, 64, 3)).clip(-2, 2) @ mixing.T * 1.2
    weights = random.random((64, 64))
    weights[:20] = 0.0
    return face.astype(np.float32), reference.astype(np.float32), weights.astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_a_face_that_already_has_the_colours_keeps_them(pictures, kind):
    face, _, weights = pictures
    assert (
        np.abs(transfer_color(kind, face, ColorSamples.of(face, face.copy(), weights), weights) - face).max()
        < 0.2 / 255
    )


@pytest.mark.parametrize("transfer", [monge_kantorovich, linear_transfer])
def test_mkl_and_lct_give_the_references_weighted_mean_and_covariance(pictures, transfer):
    face, reference, weights = pictures
    mean, covariance = weighted_statistics(
        transfer(face, ColorSamples.of(face, reference, weights)).reshape(-1, 3), weights.reshape(-1)
    )
    expected_mean, expected_covariance = weighted_statistics(reference.reshape(-1, 3), weights.reshape(-1))
    assert np.allclose(mean, expected_mean, atol=1e-5)
    assert np.allclose(covariance, expected_covariance, atol=1.2e-5)


def test_rct_gives_the_references_weighted_mean_and_spread_in_lab(pictures):
    face, reference, weights = pictures
    lab = cv2.cvtColor(reinhard(face, ColorSamples.of(face, reference, weights)), cv2.COLOR_RGB2LAB)
    mean, covariance = weighted_statistics(lab.reshape(-1, 3), weights.reshape(-1))
    expected_mean, expected_covariance = weighted_statistics(
        cv2.cvtColor(reference, cv2.COLOR_RGB2LAB).reshape(-1, 3), weights.reshape(-1)
    )
    assert np.allclose(mean, expected_mean, atol=0.05)
    assert np.allclose(np.sqrt(np.diag(covariance)), np.sqrt(np.diag(expected_covariance)), rtol=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_without_weight_have_no_influence(pictures, kind):
    face, reference, weights = pictures
    plain = transfer_color(kind, face, ColorSamples.of(face, reference, weights), weights)
    face_noise, reference_noise = face.copy(), reference.copy()
    face_noise[:20], reference_noise[:20] = 0.0, 1.0
    assert np.allclose(
        transfer_color(kind, face_noise, ColorSamples.of(face_noise, reference_noise, weights), weights)[20:],
        plain[20:],
        atol=1e-5,
    )


@pytest.mark.parametrize("kind", ["rct", "mkl"])
def test_half_the_weight_counts_half(pictures, kind):
    """Two pixels of half weight weigh as much as one of full weight."""
    face, reference, weights = pictures
    doubled = [np.repeat(image, 2, axis=1) for image in (face, reference)]
    half = np.repeat(weights / 2, 2, axis=1)
    result = transfer_color(kind, doubled[0], ColorSamples.of(*doubled, half), half)
    plain = transfer_color(kind, face, ColorSamples.of(face, reference, weights), weights)
    assert np.allclose(result[:, ::2], plain, atol=1e-5)


@pytest.mark.parametrize("kind", ["rct", "mkl"])
def test_flat_and_grey_pictures_stay_finite_and_take_the_references_mean(pictures, kind):
    _, reference, weights = pictures
    flat = np.full_like(reference, 0.3)
    onto_reference = transfer_color(kind, flat, ColorSamples.of(flat, reference, weights), weights)
    assert np.isfinite(onto_reference).all()
    if kind == "mkl":
        assert np.allclose(
            onto_reference[40, 40], weighted_statistics(reference.reshape(-1, 3), weights.reshape(-1))[0], atol=0.01
        )
    onto_flat = transfer_color(kind, reference, ColorSamples.of(reference, flat, weights), weights)
    assert np.abs(onto_flat[20:] - 0.3).max() < 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_mask_leaves_the_face_as_it_is(pictures, kind):
    face, reference, weights = pictures
    empty = np.zeros_like(weights)
    assert np.array_equal(transfer_color(kind, face, ColorSamples.of(face, reference, empty), empty), face)


@pytest.mark.parametrize("kind", KINDS)
def test_every_transfer_brings_the_mean_to_the_references(pictures, kind):
    face, reference, weights = pictures
    result = transfer_color(kind, face, ColorSamples.of(face, reference, weights), weights)
    means = [np.average(one.reshape(-1, 3), axis=0, weights=weights.reshape(-1)) for one in (result, reference, face)]
    assert np.abs(means[0] - means[1]).max() < 0.1 * np.abs(means[2] - means[1]).max()


def test_the_two_names_of_a_transfer_mean_the_same(pictures):
    face, reference, weights = pictures
    samples = ColorSamples.of(face, reference, weights)
    for plain in ("mkl", "idt"):
        named = transfer_color(plain + "-m", face, samples, weights)
        assert np.array_equal(transfer_color(plain, face, samples, weights), named)


def test_samples_of_a_large_picture_are_few_and_tell_the_same(pictures):
    face, reference, weights = (cv2.resize(one, (512, 512), interpolation=cv2.INTER_CUBIC) for one in pictures)
    samples = ColorSamples.of(face, reference, np.clip(weights, 0, 1))
    assert len(samples.weights) < 10000
    assert np.isclose(samples.weights.sum(), np.clip(weights, 0, 1).sum(), rtol=0.01)
    mean = np.average(samples.face, axis=0, weights=samples.weights)
    assert np.allclose(
        mean, np.average(face.reshape(-1, 3), axis=0, weights=np.clip(weights, 0, 1).reshape(-1)), atol=0.003
    )


def stops(picture, gain):
    """The same under other light."""
    return to_display((from_display(picture, np.float32) * np.float32(gain)).astype(np.float32))


@pytest.mark.parametrize(
    ("kind", "gain"), [("mkl", 4.0), ("mkl", 0.25), ("mkl", [2.5, 1.5, 0.8]), ("lct", 4.0), ("lct", 0.25)]
)
def test_in_linear_light_an_exposure_is_matched_exactly(pictures, kind, gain):
    """Two stops more, two less, another white: the face times a number, down to black."""
    face, _, weights = pictures
    face = stops(face.clip(0.0, 1.0), 0.15) * np.linspace(0, 1, 64, dtype=np.float32)[:, None, None]
    plate = stops(face, gain)
    result = transfer_color(kind, face, ColorSamples.of(face, plate, weights), linear_light=True)
    assert np.abs(result - plate).max() < 0.25 / 255


@pytest.mark.parametrize("kind", ["mkl", "lct"])
def test_in_linear_light_haze_is_a_shift(pictures, kind):
    """Light that is added everywhere bends display values, and a map of these cannot follow."""
    face, _, weights = pictures
    face = stops(face.clip(0.0, 1.0), 0.15)
    plate = to_display(from_display(face, np.float32) * 2 + np.float32(0.05))
    samples = ColorSamples.of(face, plate, weights)
    errors = [np.abs(transfer_color(kind, face, samples, linear_light=light) - plate).max() for light in (True, False)]
    assert errors[0] < 0.5 / 255
    assert errors[1] > 4 * errors[0]


def test_rct_follows_an_exposure_by_itself(pictures):
    """CIE Lab is made from light by a power, which makes a gain of a gain: linear light changes nothing."""
    face, _, weights = pictures
    face = stops(face.clip(0.1, 1.0), 0.2)
    samples = ColorSamples.of(face, stops(face, 4.0), weights)
    result = transfer_color("rct", face, samples)
    assert np.abs(result - stops(face, 4.0)).mean() < 0.5 / 255
    assert np.array_equal(transfer_color("rct", face, samples, linear_light=True), result)
