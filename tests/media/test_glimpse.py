"""A glimpse shows what the frame shows, small."""

import cv2
import numpy as np
import pytest

from understudy.media import open_source


@pytest.mark.parametrize(
    ("codec", "pixel_format", "suffix"),
    [
        ("libx264", "yuv420p", ".mp4"),
        ("libx264", "yuv422p10le", ".mkv"),
        ("ffv1", "gray", ".mkv"),
        ("ffv1", "bgr0", ".mkv"),
        ("ffv1", "yuva420p", ".mkv"),
    ],
)
@pytest.mark.parametrize("side", [16, 32, 320])
def test_it_is_the_frame_made_small(make_video, tmp_path, codec, pixel_format, suffix, side):
    source = open_source([make_video(tmp_path / f"clip{suffix}", codec, pixel_format, count=8)])
    glimpses, frames = list(source.glimpses(side)), list(source.frames())
    for small, frame in zip(glimpses, frames, strict=True):
        assert (small.index, small.time) == (frame.index, frame.time)
        height, width = small.pixels.shape[:2]
        assert (width, height) == (min(side, 64), min(side * 3 // 4, 48))
        expected = cv2.resize(frame.eight_bit(), (width, height), interpolation=cv2.INTER_AREA)
        assert np.abs(small.pixels.astype(int) - expected).mean() < 6


def test_it_stands_upright_where_the_file_says_that_it_lies(make_video, tmp_path):
    source = open_source([make_video(tmp_path / "clip.mp4", count=3, rotation=(90, False))])
    small, frame = next(source.glimpses(32)), next(source.frames())
    assert small.pixels.shape == (32, 24, 3)
    expected = cv2.resize(frame.pixels, (24, 32), interpolation=cv2.INTER_AREA)
    assert np.abs(small.pixels.astype(int) - expected).mean() < 6
