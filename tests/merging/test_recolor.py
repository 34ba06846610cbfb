import cv2
import numpy as np
import pytest

from understudy.merging.color_pool import ColorGrid, ColorPool
from understudy.merging.moment import Moment
from understudy.merging.prediction import Prediction
from understudy.merging.recolor import recolor
from understudy.merging.settings import MergeSettings

SIZE = 96


@pytest.fixture
def prediction(oval):
    random = np.random.default_rng(8)
    smooth = cv2.GaussianBlur(random.random((SIZE, SIZE, 6), dtype=np.float32), (0, 0), 4).reshape(SIZE, SIZE, 2, 3)
    smooth = (smooth - smooth.mean(axis=(0, 1))) / smooth.std(axis=(0, 1))
    face, crop = 0.6 + 0.08 * smooth[..., 0, :], (0.55 + 0.1 * smooth[..., 1, :]) ** 2
    return Prediction(*(one.clip(0, 1).astype(np.float32) for one in (crop, face)), oval(SIZE), oval(SIZE))


def recolored(prediction, gathered=None, **settings):
    pixels = (prediction.crop * 255).astype(np.uint8)
    return recolor(
        prediction,
        prediction.mask,
        Moment(colors=gathered),
        pixels,
        np.eye(2, 3),
        MergeSettings(**settings),
        width=45.0,
    )


@pytest.mark.parametrize("transfer", ["none", "rct", "mkl", "idt"])
def test_the_histogram_is_matched_from_what_the_transfer_made(prediction, transfer):
    """Whatever came before, the tones under the mask are the reference's."""
    result = recolored(prediction, mode="hist-match", color_transfer=transfer, hist_match_threshold=255)
    inside = prediction.mask > 0.99
    for channel in range(3):
        levels = np.linspace(0.05, 0.95, 10)
        found, wanted = (np.quantile(one[..., channel][inside], levels) for one in (result, prediction.crop))
        assert np.abs(found - wanted).max() < 2.5 / 255


def test_light_comes_before_the_colours(prediction):
    """Shade on one side of the crop is not taken for contrast: the face's features keep theirs."""
    shade = np.linspace(1.0, 0.25, SIZE, dtype=np.float32)[None, :, None]
    face = prediction.face.copy()
    shaded = Prediction(face * shade, face, prediction.mask, prediction.dst_mask)
    inside = prediction.mask > 0.99
    errors = [np.abs(recolored(shaded, light=light) - face * shade)[inside].mean() for light in (0.0, 100.0)]
    assert errors[1] < 0.35 * errors[0]


def test_the_fields_seamless_clones_first_and_recolours_after(prediction):
    whole = recolored(prediction, mode="seamless", color_transfer="lct", compat="dfl")
    mean, wanted = whole.reshape(-1, 3).mean(axis=0), prediction.crop.reshape(-1, 3).mean(axis=0)
    assert np.allclose(mean, wanted, atol=2 / 255)  # the transfer has the last word


def test_gathered_colours_are_lit_as_the_face_is(prediction):
    """Gathered over frames that are all the same, they make the same face as the frame's own."""
    shade = np.linspace(1.0, 0.25, SIZE, dtype=np.float32)[None, :, None]
    shaded = Prediction(prediction.face * shade, prediction.face, prediction.mask, prediction.dst_mask)
    pool = ColorPool.gather(ColorGrid.of(shaded, np.ones_like(shaded.mask)), [])
    own, gathered = recolored(shaded, light=100.0), recolored(shaded, pool, light=100.0)
    assert np.abs(own - gathered)[prediction.mask > 0.5].mean() < 1 / 255
