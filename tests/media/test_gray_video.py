"""Grey video: as deep as asked for, with a clip's timing, and whole or not at all."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from understudy.media import Frame, open_source, write_image
from understudy.media.gray_video import GrayVideo
from understudy.project import UnderstudyError


@pytest.fixture
def footage(tmp_path):
    for number in range(3):
        write_image(tmp_path / "in" / f"{number}.png", np.zeros((66, 64, 3), np.uint8))
    return open_source([tmp_path / "in"], image_rate=Fraction(24))


@pytest.fixture(scope="module")
def ramp():
    return np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None], 66, axis=0)


@pytest.mark.parametrize(
    ("name", "deep", "tolerance"),
    [
        ("m.mkv", False, 0.5 / 255 + 1e-6),
        ("m.mkv", True, 0.5 / 65535 + 1e-6),
        ("m.avi", False, 0.5 / 255 + 1e-6),
        ("m.mp4", False, 0.012),
        ("m.mov", False, 0.012),
        ("m.mp4", True, 0.012),
    ],
)
def test_masks_come_back(tmp_path, footage, ramp, name, deep, tolerance):
    info = replace(footage.info, bit_depth=16 if deep else 8)
    with GrayVideo(tmp_path / name, info) as video:
        for frame in footage.frames():
            video.write(frame, np.roll(ramp, 5 * frame.index, axis=1))
        assert not (tmp_path / name).exists()
    result = open_source([tmp_path / name])
    assert (result.info.frame_count, result.info.rate, result.info.has_audio) == (3, 24, False)
    for frame in result.frames():
        shown = frame.unit()
        assert (np.ptp(shown, axis=2) <= 1 / 255).all()
        assert np.abs(shown[..., 0] - np.roll(ramp, 5 * frame.index, axis=1)).mean() < tolerance


def test_an_exception_leaves_nothing(tmp_path, footage, ramp):
    with pytest.raises(RuntimeError, match="half way"):
        fail(tmp_path / "m.mkv", footage, ramp)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}


def fail(path, footage, ramp):
    with GrayVideo(path, footage.info) as video:
        video.write(Frame(np.zeros((66, 64, 3), np.uint8), 0, Fraction(0)), ramp)
        raise RuntimeError("half way")


def test_the_source_is_not_overwritten(tmp_path, footage):
    info = replace(footage.info, paths=(tmp_path / "film.mkv",))
    with pytest.raises(UnderstudyError, match="is the source itself"):
        GrayVideo(tmp_path / "film.mkv", info)
