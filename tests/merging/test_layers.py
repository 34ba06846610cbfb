"""What compositors are given: the over operation gives the result again, and the ST map finds the face."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from understudy.faces.align import face_matrix
from understudy.faces.face import FaceType
from understudy.media import Frame, Matte
from understudy.media.exr import read_channels, write_channels
from understudy.media.linear import from_linear
from understudy.media.matte import PLACES, in_layers, straight
from understudy.media.scene_light import scene_linear
from understudy.merging.composite import composite
from understudy.merging.layers import in_frame
from understudy.merging.plan import PlacedFace
from understudy.merging.prediction import Prediction
from understudy.merging.render import RenderedFrame
from understudy.merging.settings import MergeSettings

SIZE = 96
FULL: FaceType = "full"


@pytest.fixture(params=[np.uint8, np.uint16, np.float32])
def rendered(request, textured, place_face, oval):
    """A frame of each depth with a turned face of strong colours laid over it."""
    plate = textured if request.param == np.float32 else (textured * np.iinfo(request.param).max).astype(request.param)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    face = np.stack([0.1 + 0.8 * x, 0.5 + 0.4 * np.sin(9 * y), 0.9 - 0.8 * x * y], axis=2)
    prediction = Prediction(np.full_like(face, 0.5), face, oval(SIZE), np.ones((SIZE, SIZE), np.float32))
    landmarks = place_face(150, 110, 70, 0.3)
    merged = composite(plate, landmarks, prediction, MergeSettings(color_transfer="none"), face_type=FULL)
    assert ((merged.alpha > 0.1) & (merged.alpha < 0.9)).sum() > 500
    return RenderedFrame(Frame(plate, 0, Fraction(0)), merged, ((PlacedFace("drawn", landmarks), prediction),))


def written(path, rendered, *, half=False):
    matte = Matte(rendered.composite.alpha, in_frame(rendered, lambda _: FULL))
    layers = in_layers(rendered.composite.pixels, rendered.frame.pixels, matte)
    write_channels(path, layers, half=half, exact=PLACES)
    return read_channels(path)


def pixels_of(channels, layer=""):
    return np.dstack([channels[f"{layer}{name}"] for name in "RGB"])


@pytest.mark.parametrize(("half", "tolerance"), [(False, 1e-5), (True, 2e-3)])
def test_the_face_over_the_plate_is_the_result(tmp_path, rendered, half, tolerance):
    """Merge (over) of Nuke, Merge of Fusion, and a premultiplied layer of After Effects."""
    channels = written(tmp_path / "a.exr", rendered, half=half)
    over = pixels_of(channels, "face.") + (1 - channels["face.A"][..., None]) * pixels_of(channels, "plate.")
    wanted = scene_linear(rendered.composite.pixels)
    assert np.abs(over - wanted).max() < tolerance
    assert np.abs(from_linear(over) - from_linear(wanted)).mean() < tolerance
    np.testing.assert_allclose(pixels_of(channels), wanted, atol=tolerance)


def test_outside_the_alpha_plate_and_result_are_the_same_to_the_bit(tmp_path, rendered):
    channels = written(tmp_path / "a.exr", rendered)
    outside = channels["A"] == 0
    assert outside.any()
    np.testing.assert_array_equal(pixels_of(channels)[outside], pixels_of(channels, "plate.")[outside])
    assert not pixels_of(channels, "face.")[outside].any()
    np.testing.assert_array_equal(channels["mask.final"], channels["A"])


def test_the_st_map_moves_the_crop_into_the_frame(tmp_path, rendered):
    """As an STMap node does it: of each pixel's place, 0 to 1 from the lower left corner, the crop's colour."""
    channels = written(tmp_path / "a.exr", rendered, half=True)
    (face, prediction), alpha = rendered.swapped[0], channels["A"]
    x = (channels["st.R"] * SIZE - 0.5).astype(np.float32)
    y = ((1 - channels["st.G"]) * SIZE - 0.5).astype(np.float32)
    moved = cv2.remap(prediction.face, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    opaque = alpha == 1
    assert opaque.sum() > 500
    display = rendered.composite.pixels.astype(np.float32)
    if rendered.frame.pixels.dtype != np.float32:
        display /= np.iinfo(rendered.frame.pixels.dtype).max
    else:
        display = from_linear(display)
    assert np.abs(moved - display)[opaque].max() < 0.02
    corner = face_matrix(face.landmarks, FULL, SIZE) @ (150, 110, 1)
    np.testing.assert_allclose([x[110, 150], y[110, 150]], corner, atol=1e-3)


def test_masks_lie_where_the_network_put_them(rendered):
    layers = in_frame(rendered, lambda _: FULL)
    inside = (layers["st.R"] > 0.05) & (layers["st.R"] < 0.95) & (layers["st.G"] > 0.05) & (layers["st.G"] < 0.95)
    assert (layers["mask.learned_dst"][inside] > 0.99).all()
    assert not layers["mask.learned_dst"][layers["st.R"] == 0].max() > 0.6  # half a pixel at the crop's edge
    assert (layers["mask.learned_prd"][layers["mask.final"] > 0.99] > 0.9).all()
    for mask in ("mask.learned_prd", "mask.learned_dst", "mask.final"):
        assert 0 <= layers[mask].min() <= layers[mask].max() <= 1


def test_straight_colours_laid_over_give_the_result_to_a_level(rendered):
    merged, plate, alpha = rendered.composite.pixels, rendered.frame.pixels, rendered.composite.alpha
    face = straight(merged, plate, alpha)
    over = alpha[..., None] * face.astype(np.float64) + (1 - alpha[..., None]) * plate
    level = 1 if merged.dtype != np.float32 else 1e-5
    assert np.abs(over - merged.astype(np.float64)).max() <= level
    np.testing.assert_array_equal(face[alpha == 0], plate[alpha == 0])
    np.testing.assert_array_equal(face[alpha == 1], merged[alpha == 1])


def test_what_was_not_blended_is_only_multiplied():
    merged, plate = np.full((2, 2, 3), 0.5, np.float32), np.full((2, 2, 3), 0.1, np.float32)
    channels = in_layers(merged, plate, Matte(np.full((2, 2), 0.5, np.float32), is_blended=False))
    assert channels["face.R"][0, 0] == 0.25
