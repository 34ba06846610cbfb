"""Hardware encoders are found by encoding; the way of pictures to them is lossless."""

import av
import numpy as np
import pytest

from understudy.media import EncodeSettings, encode_plan, hardware, open_sink, open_source
from understudy.media.rgb import plane_view


def test_an_encoder_works_if_it_encodes():
    assert hardware._works("libx264", "nv12")
    assert not hardware._works("h264_of_nobody", "nv12")
    assert not hardware._works("libx264", "p010le")  # which it does not take


def test_what_is_listed_encodes():
    for name, formats in hardware.hardware_encoders().items():
        assert name in av.codecs_available
        assert set(formats) <= set(hardware.HARDWARE_FORMATS)


@pytest.mark.parametrize(("pixel_format", "dtype"), [("yuv420p", "u1"), ("yuv420p10le", "<u2")])
def test_the_order_in_which_a_gpu_takes_samples_loses_none(make_video, tmp_path, pixel_format, dtype):
    with av.open(str(make_video(tmp_path / "a.mkv", "ffv1", pixel_format, count=1))) as file:
        picture = next(file.decode(video=0))
    back = picture.reformat(format=hardware.HARDWARE_FORMATS[pixel_format]).reformat(format=pixel_format)
    for plane in range(3):
        np.testing.assert_array_equal(plane_view(picture, plane, dtype), plane_view(back, plane, dtype))


def test_pictures_reach_an_encoder_that_takes_another_order(make_video, tmp_path, monkeypatch):
    """No machine of the tests has a GPU that encodes: x264 stands in for it, fed as a GPU is."""
    monkeypatch.setattr(encode_plan, "find_hardware_encoder", lambda *_: "libx264")
    monkeypatch.setattr(encode_plan, "hardware_options", lambda *_: {"qp": "0"})
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", count=5)])
    with open_sink(tmp_path / "o.mp4", like=source, settings=EncodeSettings(encoder="auto")) as sink:
        assert sink.notes[0] == "h264 by libx264, yuv420p"
        for frame in source.frames():
            sink.write(frame, frame.pixels, np.zeros(frame.pixels.shape[:2], bool))
    for before, after in zip(source.frames(), open_source([tmp_path / "o.mp4"]).frames(), strict=True):
        for plane in range(3):
            np.testing.assert_array_equal(plane_view(before.native, plane, "u1"), plane_view(after.native, plane, "u1"))


def test_without_one_auto_is_the_cpu_s(make_video, tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "_works", lambda *_: False)
    info = open_source([make_video(tmp_path / "in.mp4", count=1)]).info
    assert encode_plan.plan_encoding(tmp_path / "o.mp4", info, EncodeSettings(encoder="auto")).encoder == "libx264"
    assert encode_plan.settled(tmp_path / "o.mp4", info, EncodeSettings(encoder="auto")) == EncodeSettings()
    monkeypatch.setattr(encode_plan, "find_hardware_encoder", lambda *_: "h264_nvenc")
    settled = encode_plan.settled(tmp_path / "o.mp4", info, EncodeSettings(encoder="auto"))
    assert settled == EncodeSettings(encoder="hardware")


@pytest.mark.parametrize("maker", ["nvenc", "qsv", "videotoolbox", "amf"])
@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_options_are_those_that_the_encoder_knows(codec, maker):
    name = f"{codec}_{maker}"
    if name not in av.codecs_available:
        pytest.skip(f"this FFmpeg does not know {name}")
    context = av.CodecContext.create(name, "w")
    known = {
        option.name
        for group in (context.supported_options.generic, context.supported_options.private)
        for option in group
    }
    assert set(hardware.hardware_options(name, EncodeSettings())) <= known
    assert hardware.hardware_options(name, EncodeSettings(bitrate=5)) == {}
