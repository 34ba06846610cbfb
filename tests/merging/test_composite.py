from itertools import pairwise

import cv2
import numpy as np
import pytest

from understudy.faces.align import face_matrix, invert, transform
from understudy.merging.composite import composite
from understudy.merging.crops import face_crop
from understudy.merging.levels import from_display
from understudy.merging.moment import Moment
from understudy.merging.paste import Composite
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings

SIZE = 128
PLAIN = MergeSettings(color_transfer="none")


def predicted(frame, landmarks, mask, *, size=SIZE, change=lambda crop: crop):
    crop = face_crop(frame, face_matrix(landmarks, "whole_face", size), size)
    return Prediction(crop, change(crop), mask(size), mask(size))


def swap(frame, landmarks, mask, settings=PLAIN, **options):
    prediction = predicted(frame, landmarks, mask, **options)
    return composite(frame, landmarks, prediction, settings, face_type="whole_face")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("mode", ["overlay", "seamless", "hist-match", "seamless-hist-match", "raw-rgb"])
def test_pixels_outside_of_the_mask_are_bit_identical(textured, place_face, oval, dtype, mode):
    frame = from_display(textured, dtype)
    if dtype == np.float32:
        frame[:40] *= 30  # highlights beyond white
        frame[-40:] *= -1  # colours out of gamut
    before = frame.copy()
    result = swap(frame, place_face(160, 120, 60, 0.2), oval, MergeSettings(mode=mode), change=lambda crop: 1 - crop)
    assert result.pixels.dtype == dtype
    assert np.array_equal(frame, before)
    assert np.array_equal(result.pixels[~result.changed], frame[~result.changed])
    assert 0.02 < result.changed.mean() < 0.5
    assert np.abs(result.pixels.astype(np.float64) - frame).max() > 0
    if mode != "raw-rgb":
        assert np.array_equal(result.changed, result.alpha > 0)


@pytest.mark.parametrize("settings", [PLAIN, MergeSettings(), MergeSettings(color_transfer="mkl")])
@pytest.mark.parametrize("mode", ["overlay", "seamless", "hist-match"])
def test_a_face_predicted_as_it_was_leaves_the_frame_as_it_was(textured, place_face, oval, settings, mode):
    frame = from_display(textured, np.uint8)
    settings = settings.model_copy(update={"mode": mode, "hist_match_threshold": 255})
    result = swap(frame, place_face(160.4, 119.7, 60, 0.2), oval, settings)
    assert np.abs(result.pixels.astype(int) - frame)[result.changed].max() <= 2


def test_sixteen_bit_frames_keep_more_than_eight_bits(textured, place_face, oval):
    frame = from_display(textured, np.uint16)
    result = swap(frame, place_face(160, 120, 60), oval, size=256)
    error = np.abs(result.pixels.astype(int) - frame)[result.changed]
    assert np.median(error) < 65535 / 255 / 8


def test_moving_frame_and_landmarks_moves_the_result(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    moved = np.roll(frame, (9, -13), axis=(0, 1))
    still = swap(frame, place_face(160, 110, 50, 0.3), oval, MergeSettings(), change=lambda crop: crop**2)
    shifted = swap(moved, place_face(147, 119, 50, 0.3), oval, MergeSettings(), change=lambda crop: crop**2)
    difference = np.roll(still.pixels, (9, -13), axis=(0, 1)).astype(int) - shifted.pixels
    assert np.abs(difference).max() <= 1


def test_a_positive_face_scale_enlarges_the_face_about_its_centre(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    areas, centres = [], []
    for scale in (-20.0, 0.0, 20.0):
        alpha = swap(frame, place_face(160, 120, 50), oval, MergeSettings(face_scale=scale)).alpha
        areas.append(alpha.sum())
        centres.append(np.average(np.indices(alpha.shape).reshape(2, -1), axis=1, weights=alpha.reshape(-1)))
    assert np.allclose(np.array(areas) / areas[1], [0.8**2, 1.0, 1.2**2], rtol=0.01)
    assert np.ptp(centres, axis=0).max() < 0.05


def test_an_enlarged_face_has_no_black_rim(textured, place_face, oval):
    frame = np.full((240, 320, 3), 200, np.uint8)
    result = swap(frame, place_face(160, 120, 60), lambda size: np.ones((size, size), np.float32), PLAIN)
    enlarged = swap(
        frame,
        place_face(160, 120, 60),
        lambda size: np.ones((size, size), np.float32),
        PLAIN.model_copy(update={"face_scale": 40.0, "erode": 0.0}),
    )
    assert result.pixels.min() == enlarged.pixels.min() == 200


def test_erode_and_blur_look_the_same_at_every_face_size_and_model_resolution(place_face, oval):
    settings = MergeSettings(erode=6.0, blur=15.0)
    edges = {}
    for zoom, size in ((1, 128), (2, 128), (2, 256)):
        frame = np.zeros((240 * zoom, 320 * zoom, 3), np.uint8)
        alpha = swap(frame, place_face(160 * zoom, 120 * zoom, 60 * zoom), oval, settings, size=size).alpha
        row = alpha[120 * zoom]
        levels = [np.interp(level, row[: 160 * zoom], np.arange(160 * zoom)) / zoom for level in (0.1, 0.5, 0.9)]
        edges[zoom, size] = np.array(levels)
    assert np.allclose(edges[1, 128], edges[2, 128], atol=0.2)
    assert np.allclose(edges[2, 128], edges[2, 256], atol=0.2)
    assert np.ptp(edges[1, 128]) > 4  # frame pixels: the ramp is there


@pytest.mark.parametrize(("width", "size"), [(25.0, 128), (40.0, 96), (40.0, 224), (90.0, 128)])
def test_the_face_lands_where_it_was_to_a_tenth_of_a_pixel(place_face, width, size):
    """Dots drawn in the crop at known places: their centres of gravity in the frame are where the matrix says."""
    landmarks = place_face(160.3, 120.6, width, 0.4)
    matrix = face_matrix(landmarks, "whole_face", size)
    shrink = 1 / np.sqrt(np.linalg.det(matrix[:, :2]))
    sigma = max(size / 30, 1.2)
    place = np.arange(size, dtype=np.float32)
    for point in ((0.4, 0.45), (0.61, 0.5), (0.5, 0.66)):
        x, y = np.array(point) * size
        dot = np.exp(-((place[None, :] - x) ** 2 + (place[:, None] - y) ** 2) / (2 * sigma**2)).astype(np.float32)
        face = np.repeat(dot[..., None], 3, axis=2)
        ones = np.ones((size, size), np.float32)
        frame = np.zeros((240, 320, 3), np.float32)
        settings = PLAIN.model_copy(update={"mode": "raw-rgb"})
        result = composite(frame, landmarks, Prediction(face, face, ones, ones), settings, face_type="whole_face")
        weight = result.pixels[..., 0] ** (1 / 2.4)
        rows, columns = np.indices(weight.shape)
        found = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
        expected = transform([(x, y)], invert(matrix))[0]
        assert np.abs(found - expected).max() < 0.1, shrink


def test_a_strongly_reduced_face_shows_no_aliasing(place_face):
    """Stripes finer than the frame can show come out as even grey."""
    stripes = np.zeros((256, 256, 3), np.float32)
    stripes[:, ::2] = 1.0
    ones = np.ones((256, 256), np.float32)
    landmarks = place_face(160.3, 120.6, 20, 0.1)
    frame = np.full((240, 320, 3), 128, np.uint8)
    result = composite(frame, landmarks, Prediction(stripes, stripes, ones, ones), PLAIN, face_type="whole_face")
    assert np.abs(result.pixels[result.alpha > 0].astype(int) - 128).max() <= 1


def test_sharpness_does_not_jump_where_the_face_passes_the_models_resolution(place_face, oval):
    noise = np.random.default_rng(3).random((SIZE, SIZE, 3), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 1.0)
    frame = np.full((480, 640, 3), 128, np.uint8)
    sharpness = []
    for width in np.linspace(56, 64, 9):  # one crop pixel per frame pixel at about 60
        prediction = Prediction(noise, noise, oval(SIZE), oval(SIZE))
        result = composite(frame, place_face(320, 240, width), prediction, PLAIN, face_type="whole_face")
        core = result.pixels[220:260, 300:340].astype(np.float64)
        sharpness.append(np.abs(np.diff(core, axis=1)).mean())
    assert max(abs(b - a) / a for a, b in pairwise(sharpness)) < 0.12


def test_faces_partly_or_wholly_outside_of_the_frame_are_clipped(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    cut = swap(frame, place_face(5, 120, 60), oval, change=lambda crop: 1 - crop)
    assert cut.changed[:, 0].any()
    for x, y in ((-500, 120), (160, 9000), (5e6, 5e6)):
        gone = swap(frame, place_face(x, y, 60), oval, change=lambda crop: 1 - crop)
        assert np.array_equal(gone.pixels, frame)
        assert not gone.changed.any()


def test_faces_too_small_to_be_seen_are_left_alone(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    result = swap(frame, place_face(160, 120, 1.0), oval, change=lambda crop: 1 - crop)
    assert np.array_equal(result.pixels, frame)


def test_raw_predict_shows_the_prediction_alone(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    landmarks = place_face(160, 120, 60)
    prediction = predicted(frame, landmarks, oval, size=240, change=lambda crop: 1 - crop)
    settings = MergeSettings(mode="raw-predict", face_scale=20.0)
    result = composite(frame, landmarks, prediction, settings, face_type="whole_face")
    assert np.array_equal(result.pixels[:, 40:280], from_display(prediction.face, np.uint8))
    assert result.pixels[:, :38].max() == result.pixels[:, 282:].max() == 0
    assert np.allclose(result.alpha[:, 40:280], prediction.mask * prediction.dst_mask, atol=1 / 255)
    assert result.changed.all()


def test_raw_rgb_pastes_the_square_and_reports_the_mask(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    result = swap(frame, place_face(160, 120, 60), oval, MergeSettings(mode="raw-rgb"), change=np.zeros_like)
    assert (result.pixels[120, 160] == 0).all()
    assert (result.alpha > 0).sum() < 0.8 * result.changed.sum()


def test_a_layer_over_another_keeps_both_masks(textured):
    below = Composite.untouched(textured)
    left, right = below.alpha.copy(), below.alpha.copy()
    left[:, :200], right[:, 100:] = 0.5, 0.5
    both = Composite(textured, left, left > 0).over(Composite(textured, right, right > 0))
    assert both.changed.all()
    assert np.allclose(np.unique(both.alpha), [0.5, 0.75])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_in_linear_light_an_edge_is_the_mean_of_the_light(place_face, dtype):
    """Half of white over black is half of the light, in frames of every depth."""
    frame = np.zeros((240, 320, 3), dtype)
    face, half = np.ones((SIZE, SIZE, 3), np.float32), np.full((SIZE, SIZE), 0.5, np.float32)
    settings = PLAIN.model_copy(update={"linear_light": True, "mask": "learned-prd", "erode": 0.0, "blur": 0.0})
    prediction = Prediction(face, face, half, half)
    light = composite(frame, place_face(160, 120, 60), prediction, settings, face_type="whole_face").pixels[120, 160]
    if dtype != np.float32:
        light = ((light / np.iinfo(dtype).max + 0.055) / 1.055) ** 2.4
    assert np.allclose(light, 0.5, atol=0.005)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize(
    "asked",
    [
        {"linear_light": True},
        {"match_grain": 100.0, "match_sharpness": 100.0},
        {"light": 100.0, "sharpen": 50.0},
        {"motion_blur": 50.0},
        {"compat": "dfl", "sharpen": 5.0, "mode": "seamless-hist-match"},
    ],
)
def test_all_touches_keep_to_the_mask_at_every_depth(textured, place_face, oval, dtype, asked):
    frame = from_display(textured, dtype)
    before = frame.copy()
    landmarks = place_face(160, 120, 60, 0.2)
    prediction = predicted(frame, landmarks, oval, change=lambda crop: crop[::-1].copy())
    moment = Moment(before=landmarks - 6, after=landmarks + 6)
    result = composite(frame, landmarks, prediction, MergeSettings(**asked), face_type="whole_face", moment=moment)
    assert result.pixels.dtype == dtype
    assert np.array_equal(frame, before)
    assert np.isfinite(result.pixels).all()
    assert np.array_equal(result.pixels[~result.changed], frame[~result.changed])
    assert np.array_equal(result.changed, result.alpha > 0)
    assert not np.array_equal(result.pixels, frame)


def test_light_changes_little_where_it_is_the_same(textured, place_face, oval):
    frame = from_display(textured, np.uint16)
    plain, lit = (
        swap(frame, place_face(160, 120, 60), oval, MergeSettings(light=light)).pixels.astype(int) for light in (0, 100)
    )
    assert np.abs(plain - lit).max() < 65535 / 255


def test_motion_blur_is_no_matter_of_the_mask(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    landmarks = place_face(160, 120, 60)
    prediction = predicted(frame, landmarks, oval)
    still, moving = (
        composite(
            frame,
            landmarks,
            prediction,
            PLAIN.model_copy(update={"motion_blur": 50.0}),
            face_type="whole_face",
            moment=moment,
        )
        for moment in (Moment(), Moment(before=landmarks - 8, after=landmarks + 8))
    )
    assert np.array_equal(still.alpha, moving.alpha)
    assert np.abs(still.pixels.astype(int) - moving.pixels).max() > 3
