import math

import cv2
import numpy as np
import pytest

from understudy.faces.align import transform
from understudy.merging.composite import composite
from understudy.merging.moment import Moment
from understudy.merging.motion_blur import exposures, motion_kernel_as_dfl
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings

SIZE = 128


def similar(points, *, turn=0.0, zoom=1.0, shift=(0.0, 0.0), about=(160.0, 120.0)):
    cosine, sine = zoom * math.cos(turn), zoom * math.sin(turn)
    return ((points - about) @ np.array([[cosine, sine], [-sine, cosine]]) + about + shift).astype(np.float32)


@pytest.mark.parametrize(
    "motion", [{"shift": (8.0, -6.0)}, {"turn": 0.08}, {"zoom": 1.06}, {"turn": -0.05, "shift": (3, 4)}]
)
@pytest.mark.parametrize("roll", [0.0, 0.7])
def test_every_pixel_is_seen_along_its_own_way(place_face, motion, roll):
    """The ends of the exposure are half a shutter of the true motion before and after; evenly spread between."""
    face = place_face(160, 120, 60, roll)
    back = {key: -value if key != "zoom" else 2 - value for key, value in motion.items() if key != "shift"}
    back["shift"] = tuple(-part for part in motion.get("shift", (0, 0)))
    moment = Moment(before=similar(face, **back), after=similar(face, **motion))
    path = exposures(face, moment, "whole_face", shutter=0.5)
    step = 0.5 / len(path)
    for matrix, time in ((path[-1], 0.25 - step / 2), (path[0], -0.25 + step / 2)):
        there = moment.after if time > 0 else moment.before
        expected = face + abs(time) * (there - face)
        assert np.abs(transform(face, matrix) - expected).max() < 0.03
    ways = np.array([transform(face, matrix) for matrix in path])
    assert np.linalg.norm(np.diff(ways, axis=0), axis=2).max() < 1.0


def test_a_longer_shutter_is_a_longer_way_and_stillness_none(place_face):
    face = place_face(160, 120, 60)
    moment = Moment(before=similar(face, shift=(-10, 0)), after=similar(face, shift=(10, 0)))
    for shutter in (0.25, 0.5, 1.0):
        shifts = [matrix[0, 2] for matrix in exposures(face, moment, "full", shutter=shutter)]
        # Each stands for an equal part of the way, in whose middle it lies.
        assert np.isclose(np.ptp(shifts) * len(shifts) / (len(shifts) - 1), 10.0 * shutter, rtol=0.01)
    assert exposures(face, Moment(before=face, after=face), "full", shutter=1.0) == []
    assert exposures(face, Moment(), "full", shutter=1.0) == []


def test_one_known_neighbour_tells_the_way_to_the_other(place_face):
    face = place_face(160, 120, 60)
    ahead, back = similar(face, shift=(9.3, 4)), similar(face, shift=(-9.3, -4))
    both = exposures(face, Moment(before=back, after=ahead), "full", shutter=0.5)
    for moment in (Moment(after=ahead), Moment(before=back)):
        assert np.allclose(exposures(face, moment, "full", shutter=0.5), both, atol=1e-4)


@pytest.mark.parametrize("roll", [0.0, 1.0])
@pytest.mark.parametrize("size", [96, 192])
def test_the_blur_in_the_frame_is_as_long_as_the_way(place_face, roll, size):
    """A dot becomes a line in the frame's direction, however large the model and however the head is held."""
    face = place_face(160, 120, 60, roll)
    place = np.arange(size) - size / 2
    sigma = size / 48
    dot = np.exp(-(place**2 + place[:, None] ** 2) / (2 * sigma**2)).astype(np.float32)
    picture = np.repeat(dot[..., None], 3, axis=2)
    ones = np.ones((size, size), np.float32)
    prediction = Prediction(picture, picture, ones, ones)
    moment = Moment(before=similar(face, shift=(-48, 0)), after=similar(face, shift=(48, 0)))
    spreads = []
    for blur in (0.0, 50.0):
        settings = MergeSettings(color_transfer="none", linear_light=False, motion_blur=blur)
        frame = np.zeros((240, 320, 3), np.uint16)
        pixels = composite(frame, face, prediction, settings, face_type="whole_face", moment=moment).pixels
        weight = pixels[..., 0].astype(np.float64)
        rows, columns = np.indices(weight.shape)
        centre = (columns * weight).sum() / weight.sum(), (rows * weight).sum() / weight.sum()
        spreads.append(
            [((axis - at) ** 2 * weight).sum() / weight.sum() for axis, at in zip((columns, rows), centre, strict=True)]
        )
    along, across = np.array(spreads[1]) - spreads[0]
    assert np.isclose(along, 24.0**2 / 12, rtol=0.15)  # the variance of a line of 24 pixels
    assert abs(across) < 0.3


def test_the_kernel_of_the_field(place_face):
    face = place_face(160, 120, 60, 0.3)
    moment = Moment(before=similar(face, shift=(-6.05, -8.05)), after=similar(face, shift=(6.05, 8.05)))
    for power, enlarged, side in ((50, False, 11), (100, False, 21), (100, True, 42), (3, False, None)):
        kernel = motion_kernel_as_dfl(face, moment, power, enlarged=enlarged)
        if side is None:
            assert kernel is None
            continue
        assert kernel.shape == (side, side)
        assert np.isclose(kernel.sum(), 1.0, atol=1e-5)
        rows, columns = np.indices(kernel.shape)
        x, y = columns - (kernel * columns).sum(), rows - (kernel * rows).sum()
        angle = 0.5 * math.atan2(2 * (kernel * x * y).sum(), (kernel * (x * x - y * y)).sum())
        assert np.isclose(angle, math.atan2(8, 6), atol=0.06)
    assert motion_kernel_as_dfl(face, Moment(), 100, enlarged=False) is None


def test_the_field_blurs_the_crop_by_that_kernel(place_face, textured, oval):
    face = place_face(160, 120, 60)
    moment = Moment(before=similar(face, shift=(-6.05, -8.05)), after=similar(face, shift=(6.05, 8.05)))
    picture = np.random.default_rng(0).random((SIZE, SIZE, 3), dtype=np.float32)
    kernel = motion_kernel_as_dfl(face, moment, 50, enlarged=False)
    blurred = cv2.filter2D(picture, -1, kernel)
    frame = (textured * 255).astype(np.uint8)
    plain = MergeSettings(color_transfer="none", compat="dfl")
    asked = plain.model_copy(update={"motion_blur": 50.0})
    results = [
        composite(frame, face, Prediction(one, one, oval(SIZE), oval(SIZE)), settings, face_type="full", moment=moment)
        for one, settings in ((picture, asked), (blurred, plain))
    ]
    assert np.array_equal(results[0].pixels, results[1].pixels)
