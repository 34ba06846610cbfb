import cv2
import numpy as np
import pytest
from PIL import Image

from understudy.merging.levels import from_display, to_display
from understudy.merging.paste import Composite
from understudy.merging.plate import degrade_colors, plate_of
from understudy.merging.settings import MergeSettings


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("asked", [{"denoise": 300.0}, {"bicubic_degrade": 50.0}, {"color_degrade": 60.0}])
@pytest.mark.parametrize("compat", ["none", "dfl"])
def test_depths_are_kept_and_frames_are_not_written_to(textured, dtype, asked, compat):
    frame = from_display(textured, dtype)
    before = frame.copy()
    settings = MergeSettings(compat=compat, **asked)
    result = degrade_colors(plate_of(frame, settings), settings).pixels
    assert result.dtype == dtype
    assert np.array_equal(frame, before)
    assert not np.array_equal(result, frame)
    assert np.abs(to_display(result) - textured).mean() < 0.03


def test_nothing_asked_is_nothing_done(textured):
    frame = from_display(textured, np.uint8)
    below = Composite.untouched(frame)
    assert plate_of(frame, MergeSettings()).pixels is frame
    assert not plate_of(frame, MergeSettings()).changed.any()
    assert degrade_colors(below, MergeSettings()) is below


def test_denoising_takes_noise_and_leaves_edges(textured):
    edge = np.where(np.arange(320) < 160, 0.3, 0.7).astype(np.float32)[None, :, None] * np.ones((240, 1, 3), np.float32)
    noisy = edge + np.random.default_rng(0).normal(0, 4 / 255, edge.shape).astype(np.float32)
    result = to_display(plate_of(from_display(noisy, np.uint16), MergeSettings(denoise=200)).pixels)
    assert (result - edge)[:, 20:140].std() < 0.5 * (noisy - edge)[:, 20:140].std()
    assert (result[:, 161:164].mean() - result[:, 156:159].mean()) > 0.38


def test_softening_goes_with_the_power(textured):
    frame = from_display(np.random.default_rng(0).random((120, 160, 3), dtype=np.float32), np.uint16)
    detail = [
        np.diff(plate_of(frame, MergeSettings(bicubic_degrade=p)).pixels.astype(float), axis=1).std()
        for p in (0, 20, 60, 100)
    ]
    assert (np.diff(detail) < 0).all()
    assert detail[-1] < 0.02 * detail[0]


def test_colours_degrade_by_the_share_that_is_asked(textured):
    frame = from_display(textured, np.uint16)
    full, half = (degrade_colors(Composite.untouched(frame), MergeSettings(color_degrade=p)) for p in (100, 50))
    assert full.changed.all()
    assert np.abs(half.pixels - (full.pixels / 2 + frame / 2)).max() <= 1
    smooth = np.abs(cv2.GaussianBlur(full.pixels.astype(np.float32) - frame, (0, 0), 12)).mean() / 65535
    assert smooth < 2 / 255  # no tint


def test_the_fields_bicubic_and_palette(textured):
    frame = from_display(textured, np.uint8)
    unit = frame.astype(np.float32) / 255
    small = cv2.resize(unit, (int(320 * (1 - 40 / 101)), int(240 * (1 - 40 / 101))), interpolation=cv2.INTER_CUBIC)
    expected = cv2.resize(small, (320, 240), interpolation=cv2.INTER_CUBIC) * 255
    result = plate_of(frame, MergeSettings(compat="dfl", bicubic_degrade=40)).pixels
    assert np.abs(result - expected).max() <= 0.51
    few = degrade_colors(Composite.untouched(frame), MergeSettings(compat="dfl", color_degrade=100)).pixels
    assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 256
    palette = (
        Image.fromarray(frame).convert("P", palette=Image.Palette.ADAPTIVE, dither=Image.Dither.NONE).convert("RGB")
    )
    assert np.abs(few.astype(int) - np.asarray(palette)).mean() < 1.5
