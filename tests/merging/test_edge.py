import numpy as np
import pytest

from understudy.faces.align import crop_side, face_matrix, transform
from understudy.masks.dfl_edge import shape_like_dfl
from understudy.merging.composite import composite
from understudy.merging.edge import FaceEdge
from understudy.merging.levels import from_display
from understudy.merging.prediction import Prediction
from understudy.merging.settings import MergeSettings

SIZE = 128
PERCENT = SIZE / crop_side("whole_face") / 100
GREY = np.full((SIZE, SIZE, 3), 0.5, np.float32)
ONES = np.ones((SIZE, SIZE), np.float32)


@pytest.fixture
def landmarks(place_face):
    return place_face(160, 120, 60)


def edge_of(landmarks, prediction, **settings):
    crop_landmarks = transform(landmarks, face_matrix(landmarks, "whole_face", SIZE)).astype(np.float32)
    return FaceEdge.of(prediction, crop_landmarks, MergeSettings(**settings), PERCENT)


def half(column):
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[:, column:] = 1.0
    return mask


def test_dfl_takes_erode_and_blur_as_its_own_modifiers(landmarks, oval):
    edge = edge_of(landmarks, Prediction(GREY, GREY, oval(SIZE), ONES), compat="dfl", erode=60, blur=120)
    mask = edge.combined()
    assert np.array_equal(edge.shaped(mask), shape_like_dfl(mask, erode=60, blur=120))


def test_lengths_beyond_percent_are_for_dfl_alone():
    assert MergeSettings(compat="dfl", erode=-400, blur=400).erode == -400
    for lengths in ({"erode": -51}, {"blur": 101}):
        with pytest.raises(ValueError, match="compat dfl"):
            MergeSettings(**lengths)


def test_faint_values_of_the_mask_network_count_but_for_dfl(landmarks):
    prediction = Prediction(GREY, GREY, ONES, ONES, ONES * np.float32(0.09), ONES * np.float32(0.11))
    for compat, prd in (("none", 0.09), ("dfl", 0.0)):
        masks = {
            name: edge_of(landmarks, prediction, compat=compat, mask=name).combined()
            for name in ("XSeg-prd", "XSeg-dst")
        }
        assert np.allclose(masks["XSeg-prd"], prd)
        assert np.allclose(masks["XSeg-dst"], 0.11)


def test_an_occluder_keeps_an_edge_of_its_own(landmarks, oval):
    """However soft the face's edge, that of the hand before it is as soft as asked."""
    prediction = Prediction(GREY, GREY, oval(SIZE), ONES, None, 1 - half(64))
    matrix = face_matrix(landmarks, "whole_face", SIZE)
    settings = {"blur": 30.0, "occluder": "full - XSeg-dst", "occluder_blur": 3.0}
    left = edge_of(landmarks, prediction, **settings).unoccluded(matrix, matrix)
    row = left[64]
    assert (row[:60].min(), row[68:].max()) == (pytest.approx(1.0), pytest.approx(0.0))
    assert 1 <= ((row > 0.05) & (row < 0.95)).sum() <= 5
    further = edge_of(landmarks, prediction, **settings, occluder_erode=5.0).unoccluded(matrix, matrix)
    assert further[64].sum() - row.sum() == pytest.approx(5.0 * PERCENT, abs=0.7)
    assert edge_of(landmarks, prediction).unoccluded(matrix, matrix) is None


def test_an_occluder_stays_in_the_frame_where_the_face_is_moved(textured, landmarks, oval):
    frame = from_display(textured, np.uint8)
    prediction = Prediction(GREY, GREY, oval(SIZE), ONES, None, 1 - half(64))
    options = {"color_transfer": "none", "mask": "learned-prd", "occluder": "full - XSeg-dst", "occluder_blur": 0.0}
    for placement in ({}, {"offset_x": 15.0}, {"face_scale": 20.0}, {"offset_x": -10.0, "face_scale": 30.0}):
        settings = MergeSettings(**options, **placement)
        alpha = composite(frame, landmarks, prediction, settings, face_type="whole_face").alpha
        border = np.flatnonzero(alpha[120] > 0.5)[-1]
        assert border == pytest.approx(160, abs=1.5), placement


def test_sides_are_those_of_the_aligned_picture(textured, place_face, oval):
    frame = from_display(textured, np.uint8)
    upside_down = place_face(160, 120, 60, np.pi)
    prediction = Prediction(GREY, GREY, oval(SIZE), ONES)
    alphas = [
        composite(frame, upside_down, prediction, MergeSettings(erode_left=amount), face_type="whole_face").alpha
        for amount in (0.0, 20.0)
    ]
    lost = alphas[0] - alphas[1]
    assert lost[:, 165:].sum() > 50 * max(abs(lost[:, :155].sum()), 1.0)


@pytest.mark.parametrize(("side", "inside"), [("inside", 1.0), ("both", 0.5), ("outside", 0.0)])
def test_the_soft_edge_lies_on_the_side_that_was_chosen(landmarks, side, inside):
    disc = (np.hypot(*(np.indices((SIZE, SIZE)) - 63.5)) < 35).astype(np.float32)
    prediction = Prediction(GREY, GREY, disc, ONES)
    edge = edge_of(landmarks, prediction, erode=0.0, blur=20.0, feather_side=side)
    row = edge.shaped(edge.combined())[64, :64]
    width = 20.0 * PERCENT
    assert np.interp(0.5, row, np.arange(64)) == pytest.approx(28.5 + (2 * inside - 1) * width / 2, abs=0.8)


def test_a_mask_at_the_border_of_the_square_is_noticed(landmarks, oval):
    cut = Prediction(GREY, GREY, half(64), ONES)
    assert edge_of(landmarks, cut).is_cut(half(64))
    assert not edge_of(landmarks, cut).is_cut(oval(SIZE))
    assert not edge_of(landmarks, cut, mask="full").is_cut(ONES)


def test_the_original_mode_reports_the_mask_and_leaves_the_frame(textured, landmarks, oval):
    frame = from_display(textured, np.uint8)
    prediction = Prediction(GREY, 1 - GREY, oval(SIZE), oval(SIZE))
    shown, hidden = (
        composite(frame, landmarks, prediction, MergeSettings(mode=mode), face_type="whole_face")
        for mode in ("overlay", "original")
    )
    assert np.array_equal(hidden.pixels, frame)
    assert not hidden.changed.any()
    assert np.array_equal(hidden.alpha, shown.alpha)
    assert hidden.alpha.max() == 1.0


def test_cloning_takes_the_surroundings_of_the_place_where_the_face_is_laid(landmarks, oval):
    """A grey face moved from a dark half of the frame into a bright one takes on the bright one's tint."""
    frame = np.full((240, 320, 3), 60, np.uint8)
    frame[:, 180:] = 200
    prediction = Prediction(GREY, GREY, oval(SIZE), ONES)
    settings = MergeSettings(mode="seamless", color_transfer="none", mask="learned-prd", offset_x=100.0)
    moved = composite(frame, landmarks, prediction, settings, face_type="whole_face")
    inside = moved.alpha > 0.9
    inside[:, :215] = False
    assert moved.pixels[inside].mean() > 170
