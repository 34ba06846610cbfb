"""What is chosen for an output follows from its name, the settings and the source."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from understudy.media.encode import EncodeSettings
from understudy.media.encode_plan import plan_encoding
from understudy.media.video import VideoSource
from understudy.project.errors import UnderstudyError


@pytest.fixture(scope="module")
def info(tmp_path_factory, make_video):
    return VideoSource(make_video(tmp_path_factory.mktemp("plan") / "a.mp4", count=1, size=(128, 96))).info


def plan(info, name, codec="auto", **changes):
    return plan_encoding(Path(name), replace(info, **changes), EncodeSettings(codec=codec))


DEEP = {"bit_depth": 10, "pixel_format": "yuv420p10le"}
RGB = {"pixel_format": None, "bit_depth": 8}


@pytest.mark.parametrize(
    ("name", "codec", "changes", "expected"),
    [
        ("a.mp4", "auto", {}, ("h264", "yuv420p")),
        ("a.MOV", "auto", {}, ("h264", "yuv420p")),
        ("a.mkv", "auto", DEEP, ("h265", "yuv420p10le")),
        ("a.avi", "auto", {}, ("h264", "yuv420p")),
        ("a.avi", "auto", DEEP, ("ffv1", "yuv420p10le")),
        ("a.mp4", "h264", DEEP, ("h264", "yuv420p10le")),
        ("a.mp4", "auto", {"pixel_format": "yuvj420p"}, ("h264", "yuv420p")),
        ("a.mp4", "auto", {"pixel_format": "yuv422p"}, ("h264", "yuv422p")),
        ("a.mp4", "auto", {"pixel_format": "gray"}, ("h264", "gray")),
        ("a.mp4", "auto", {"width": 101}, ("h264", "yuv444p")),
        ("a.mp4", "auto", {"height": 75}, ("h264", "yuv422p")),
        ("a.mkv", "ffv1", {"width": 101, "height": 75}, ("ffv1", "yuv420p")),
        ("a.mov", "prores", {}, ("prores", "yuv422p10le")),
        ("a.mov", "prores", {"pixel_format": "yuv444p"}, ("prores", "yuv444p10le")),
        ("a.mov", "prores", {"pixel_format": "yuva420p", "has_alpha": True}, ("prores", "yuva444p10le")),
        ("a.mp4", "auto", {"pixel_format": "yuva420p", "has_alpha": True}, ("h264", "yuv420p")),
        ("a.mkv", "ffv1", {"pixel_format": "yuva420p", "has_alpha": True}, ("ffv1", "yuva420p")),
        ("a.mp4", "auto", RGB, ("h264", "yuv420p")),
        ("a.mp4", "auto", {**RGB, "width": 101}, ("h264", "yuv444p")),
        ("a.mp4", "auto", {**RGB, "bit_depth": 16}, ("h265", "yuv420p10le")),
        ("a.mkv", "ffv1", RGB, ("ffv1", "bgr0")),
        ("a.mkv", "ffv1", {**RGB, "has_alpha": True}, ("ffv1", "bgra")),
        ("a.mkv", "ffv1", {**RGB, "bit_depth": 16}, ("ffv1", "gbrp16le")),
        ("a.mkv", "ffv1", {**RGB, "bit_depth": 32, "has_alpha": True}, ("ffv1", "gbrap16le")),
        ("a.mkv", "ffv1", {"pixel_format": "gbrp10le", "bit_depth": 10}, ("ffv1", "gbrp10le")),
        ("a.mp4", "auto", {"pixel_format": "nv12"}, ("h264", "yuv420p")),
        ("a.mp4", "auto", {**DEEP, "height": 48}, ("h264", "yuv420p10le")),
    ],
)
def test_the_format_follows_the_source_where_the_codec_can(info, name, codec, changes, expected):
    chosen = plan(info, name, codec, **changes)
    assert (chosen.codec, chosen.pixel_format) == expected
    assert expected[0] in chosen.notes[0]
    assert expected[1] in chosen.notes[0]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "prores"), ("a.avi", "prores"), ("a.mp4", "ffv1"), ("a.mov", "ffv1"), ("a.avi", "h265")],
)
def test_a_codec_that_the_container_cannot_hold_is_one_clear_error(info, name, codec):
    with pytest.raises(UnderstudyError, match=codec) as caught:
        plan(info, name, codec)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pictures_are_refused_on_which_an_encoder_corrupts_memory_or_never_ends(info):
    with pytest.raises(UnderstudyError, match="h265 takes no pictures below 64"):
        plan(info, "a.mp4", "h265", height=48)
    with pytest.raises(UnderstudyError, match="av1 takes no pictures below 32 pixels a side, not 16x96"):
        plan(info, "a.mp4", "av1", width=16)


def test_what_is_lost_is_said(info):
    assert any("alpha" in note for note in plan(info, "a.mp4", pixel_format="yuva420p", has_alpha=True).notes)
    assert any("upright" in note for note in plan(info, "a.mp4", rotation=90).notes)
    assert any("sRGB" in note for note in plan(info, "a.mp4", pixel_format=None, bit_depth=32).notes)
    assert len(plan(info, "a.mp4").notes) == 1


def test_settings_are_checked():
    for wrong in ({"quality": 64}, {"quality": -1}, {"codec": "vp9"}, {"speed": "placebo"}, {"crf": 3}, {"bits": 9}):
        with pytest.raises(ValidationError):
            EncodeSettings(**wrong)
    assert all(field.description for field in EncodeSettings.model_fields.values())
