"""What a screen is told of HDR pictures arrives in the result, in its stream and in its container."""

import struct
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from understudy.media import ColorTags, EncodeSettings, open_sink, open_source
from understudy.media.encode_plan import plan_encoding
from understudy.media.hdr import HdrMetadata, MasteringDisplay, hdr_metadata
from understudy.media.probe import probe

PQ = ColorTags(primaries=9, transfer=16, matrix=9, full_range=False)
DISPLAY = MasteringDisplay((35400, 14600), (8500, 39850), (6550, 2300), (15635, 16450), 50, 10_000_000)
HDR = HdrMetadata(DISPLAY, (1000, 400))
X265 = f"log-level=error:hdr10=1:master-display={DISPLAY.in_units}:max-cll=1000,400"


@pytest.fixture(scope="module")
def hdr10(tmp_path_factory, make_video):
    """A 10-bit HDR10 clip as cameras and editors write it: H.265 with SEI messages alone."""
    path = tmp_path_factory.mktemp("hdr") / "hdr10.mp4"
    return make_video(
        path, "libx265", "yuv420p10le", count=5, size=(96, 80), tags=PQ, options={"x265-params": X265, "crf": "4"}
    )


def copied(source, path, settings):
    with open_sink(path, like=source, settings=settings) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, np.zeros(frame.pixels.shape[:2], bool))
    return open_source([path]), sink.notes


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("o.mp4", "auto", "yuv420p10le"),
        ("o.mkv", "auto", "yuv420p10le"),
        ("o.mov", "h265", "yuv420p10le"),
        ("o.mp4", "h264", "yuv420p10le"),
        ("o.mp4", "av1", "yuv420p10le"),
        ("o.mkv", "av1", "yuv420p10le"),
        ("o.mkv", "ffv1", "yuv420p10le"),
        ("o.mov", "prores", "yuv422p10le"),
    ],
)
def test_ten_bit_hdr10_leaves_as_ten_bit_hdr10(tmp_path, hdr10, name, codec, pixel_format):
    source = open_source([hdr10])
    assert source.info.hdr == HDR
    result, _ = copied(source, tmp_path / name, EncodeSettings(codec=codec, speed="ultrafast"))
    info = result.info
    assert (info.bit_depth, info.pixel_format, info.color) == (10, pixel_format, PQ)
    assert info.hdr == HDR
    assert info.frame_count == 5
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert abs(before.time - after.time) < Fraction(1, 1000)
        assert np.abs(before.unit() - after.unit()).mean() < 0.02
    told = probe(tmp_path / name)
    assert (told.max_cll, told.max_fall) == (1000, 400)
    assert (
        told.mastering == "G(0.17000,0.79700)B(0.13100,0.04600)R(0.70800,0.29200)WP(0.31270,0.32900)L(1000.0000,0.0050)"
    )


@pytest.mark.parametrize(("name", "boxes"), [("o.mp4", [b"mdcv", b"clli"]), ("o.mkv", [b"\x55\xd0", b"\x55\xbc"])])
def test_the_container_says_it_too(tmp_path, hdr10, name, boxes):
    copied(open_source([hdr10]), tmp_path / name, EncodeSettings(speed="ultrafast"))
    head = (tmp_path / name).read_bytes()
    assert all(box in head for box in boxes)


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
def test_the_stream_says_it_without_the_container(tmp_path, hdr10, codec):
    path = tmp_path / "o.mp4"
    copied(open_source([hdr10]), path, EncodeSettings(codec=codec, speed="ultrafast"))
    with av.open(str(path)) as file:
        decoder = av.CodecContext.create({"h264": "h264", "h265": "hevc", "av1": "libdav1d"}[codec], "r")
        decoder.extradata = file.streams.video[0].codec_context.extradata
        frames = [frame for packet in file.demux(video=0) for frame in decoder.decode(packet if packet.size else None)]
    assert hdr_metadata(frames[0].side_data) == HDR


def test_what_has_no_place_is_said(tmp_path, hdr10):
    _, notes = copied(open_source([hdr10]), tmp_path / "o.avi", EncodeSettings())
    assert any(".avi has no place for HDR metadata" in note for note in notes)
    assert any("colour tags" in note for note in notes)


def test_clips_that_differ_in_it_have_none(tmp_path, hdr10, make_video):
    plain = make_video(tmp_path / "plain.mp4", "libx265", "yuv420p10le", count=3, size=(96, 80), tags=PQ)
    assert open_source([hdr10, hdr10]).info.hdr == HDR
    assert open_source([hdr10, plain]).info.hdr is None
    assert open_source([plain]).info.hdr is None


def test_broken_metadata_say_nothing():
    class Entry(bytes):
        type = av.sidedata.sidedata.Type.MASTERING_DISPLAY_METADATA

    whole = struct.pack("22i", *([1, 2] * 10), 1, 1)
    assert hdr_metadata([Entry(whole)]).display.red == (25_000, 25_000)
    for broken in (b"", whole[:40], struct.pack("22i", *([1, 0] * 10), 1, 1), struct.pack("22i", *([1, 2] * 10), 0, 1)):
        assert hdr_metadata([Entry(broken)]) is None
    for impossible in ((-1, 2), (3, 2)):  # CIE x, from 0 to 1
        assert hdr_metadata([Entry(struct.pack("22i", *impossible, *([1, 2] * 9), 1, 1))]) is None


@pytest.mark.parametrize("levels", [(0, 0), (65536, 400), (400, 2**32 - 1)])
def test_light_levels_that_no_stream_can_hold_say_nothing(levels):
    class Entry(bytes):
        type = av.sidedata.sidedata.Type.CONTENT_LIGHT_LEVEL

    assert hdr_metadata([Entry(struct.pack("2I", *levels))]) is None
    assert hdr_metadata([Entry(struct.pack("2I", 65535, 400))]).light == (65535, 400)


def test_metadata_from_scene_to_scene_are_left_out_and_named(tmp_path, hdr10):
    class Entry(bytes):
        type = av.sidedata.sidedata.Type.DYNAMIC_HDR_PLUS

    found = hdr_metadata([Entry(b"x")])
    assert (found.dynamic, found.is_static) == (("HDR10+",), False)
    info = replace(open_source([hdr10]).info, hdr=replace(HDR, dynamic=found.dynamic))
    plan = plan_encoding(tmp_path / "o.mp4", info, EncodeSettings())
    assert any(note.startswith("HDR10+ ") and "left out" in note for note in plan.notes)
