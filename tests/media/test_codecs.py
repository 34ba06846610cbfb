"""Every codec in every container that may hold it gives the frames back; what does not fit is refused."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from understudy.media import EncodeSettings, Matte, open_sink, open_source
from understudy.media.encode import SUFFIXES
from understudy.media.encode_plan import plan_encoding
from understudy.media.matte import straight
from understudy.media.rgb import plane_view
from understudy.project.errors import UnderstudyError

DEPTHS = {"h264": (8, 10), "h265": (8, 10, 12), "av1": (8, 10), "prores": (10,), "ffv1": (8, 10, 12, 16)}
COMBINATIONS = [
    (codec, suffix, bits) for codec, suffixes in SUFFIXES.items() for suffix in suffixes for bits in DEPTHS[codec]
]
UNEVEN = [0, 40, 90, 100, 133, 300]


@pytest.fixture(scope="module")
def clips(tmp_path_factory, make_video):
    """Six frames with uneven and with even times, 8 and 10 bits deep."""
    folder = tmp_path_factory.mktemp("clips")
    made = {}
    for bits, pixel_format in ((8, "yuv420p"), (10, "yuv420p10le")):
        for name, pts, unit in (("uneven", UNEVEN, Fraction(1, 1000)), ("even", None, Fraction(1, 25))):
            path = folder / f"{name}_{bits}.mkv"
            made[name, bits] = make_video(path, "ffv1", pixel_format, count=6, size=(64, 66), pts=pts, time_base=unit)
    return made


def written(path, source, settings, *, changed=None, mattes=None, alpha=None, paint=lambda pixels: pixels):
    with open_sink(path, like=source, settings=settings, mattes=mattes) as sink:
        for frame in source.frames():
            matte = None if alpha is None else Matte(alpha)
            sink.write(frame, paint(frame.pixels), changed, matte)
    return open_source([path])


@pytest.mark.parametrize(("codec", "suffix", "bits"), COMBINATIONS)
def test_frames_times_and_size_come_back(tmp_path, clips, codec, suffix, bits):
    source = open_source([clips["even" if suffix == ".avi" else "uneven", 8 if bits == 8 else 10]])
    settings = EncodeSettings(codec=codec, bits=bits, speed="ultrafast", quality=4 if codec != "prores" else None)
    result = written(tmp_path / f"o{suffix}", source, settings)
    info = result.info
    assert (info.width, info.height, info.frame_count, info.bit_depth) == (64, 66, 6, bits)
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert abs(before.time - after.time) < Fraction(1, 1000)
        assert np.abs(before.unit() - after.unit()).mean() < 0.01
    assert abs(info.duration - source.info.duration) <= Fraction(2, 1000)


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("o.mkv", {"codec": "ffv1"}),
        ("o.mp4", {"codec": "h264", "quality": 0}),
        ("o.mp4", {"codec": "h265", "quality": 0}),
    ],
)
def test_without_loss_every_sample_outside_the_mask_is_the_decoders(tmp_path, clips, name, settings, bits):
    source = open_source([clips["even", bits]])
    mask = np.zeros((66, 64), bool)
    mask[20:40, 10:30] = True
    settings = EncodeSettings(speed="ultrafast", **settings)
    assert plan_encoding(Path(name), source.info, settings).is_lossless
    result = written(tmp_path / name, source, settings, changed=mask, paint=lambda p: np.iinfo(p.dtype).max - p)
    assert result.info.pixel_format == source.info.pixel_format
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert_planes_equal_outside(before.native, after.native, mask, bits)


def assert_planes_equal_outside(before, after, mask, bits):
    for plane in range(3):
        old, new = (plane_view(picture, plane, "u1" if bits == 8 else "<u2") for picture in (before, after))
        step = mask.shape[0] // old.shape[0]
        outside = ~mask.reshape(old.shape[0], step, -1, step).any(axis=(1, 3))
        np.testing.assert_array_equal(old[outside], new[outside])
        assert (old[~outside] != new[~outside]).any()


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("chroma", ["rgb", "444"])
def test_colour_of_every_pixel_is_kept_where_it_is_asked_for(tmp_path, clips, chroma, bits):
    source = open_source([clips["even", bits]])
    random = np.random.default_rng(1)
    noise = {
        frame.index: random.integers(0, np.iinfo(frame.pixels.dtype).max, frame.pixels.shape, frame.pixels.dtype)
        for frame in source.frames()
    }
    settings = EncodeSettings(codec="ffv1", chroma=chroma, bits=16 if bits > 8 else 8)
    with open_sink(tmp_path / "o.mkv", like=source, settings=settings) as sink:
        for frame in source.frames():
            sink.write(frame, noise[frame.index], None)
    worst = {("rgb", 8): 0, ("rgb", 10): 0, ("444", 8): 2, ("444", 10): 2 * 257}[chroma, bits]
    for frame in open_source([tmp_path / "o.mkv"]).frames():
        assert np.abs(frame.pixels.astype(int) - noise[frame.index]).max() <= worst


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize(
    ("name", "settings", "tolerance"),
    [
        ("o.mkv", {"codec": "ffv1"}, 0.03),  # at a soft edge, chroma of 4:2:0
        ("o.mkv", {"codec": "ffv1", "chroma": "rgb"}, 0.003),
        ("o.mov", {"codec": "prores"}, 0.03),
        ("o.mov", {"codec": "prores", "profile": "4444xq"}, 0.03),
        ("pictures", {"image_format": "png"}, 0.003),
        ("pictures", {"image_format": "tiff", "bits": 16}, 0.003),
    ],
)
def test_what_was_laid_over_gives_the_result_again(tmp_path, clips, oval, name, settings, tolerance, bits):
    """The over operation of every compositor, with the alpha that the file has."""
    source = open_source([clips["even", bits]])
    face = np.array([0.8, 0.5, 0.4], np.float32)
    with open_sink(tmp_path / name, like=source, settings=EncodeSettings(**settings), mattes="alpha") as sink:
        wanted = []
        for frame in source.frames():
            white = np.iinfo(frame.pixels.dtype).max
            merged = np.rint((frame.unit() * (1 - oval[..., None]) + face * oval[..., None]) * white)
            merged = merged.astype(frame.pixels.dtype)
            wanted.append((frame, merged))
            sink.write(frame, straight(merged, frame.pixels, oval), oval > 0, Matte(oval))
    for (plate, merged), out in zip(wanted, open_source([tmp_path / name]).frames(), strict=True):
        alpha = out.alpha[..., None] / np.float32(np.iinfo(out.alpha.dtype).max)
        np.testing.assert_allclose(alpha[..., 0], oval, atol=0.005)
        over = alpha * out.unit() + (1 - alpha) * plate.unit()
        error = np.abs(over - merged / np.float32(np.iinfo(merged.dtype).max))
        assert error.mean() < tolerance / 5
        assert error.max() < tolerance


@pytest.fixture(scope="module")
def oval():
    y, x = np.mgrid[0:66, 0:64].astype(np.float32)
    return np.clip((22 - np.hypot(x - 30, y - 33)) / 8, 0, 1).astype(np.float32)


def test_a_matte_leaves_the_colours_outside_it_untouched(tmp_path, clips, oval):
    for bits in (8, 10):
        source = open_source([clips["even", bits]])
        result = written(
            tmp_path / f"{bits}.mkv",
            source,
            EncodeSettings(),
            changed=oval > 0,
            mattes="alpha",
            alpha=oval,
            paint=lambda pixels: np.iinfo(pixels.dtype).max - pixels,
        )
        assert result.info.has_alpha
        for before, after in zip(source.frames(), result.frames(), strict=True):
            assert_planes_equal_outside(before.native, after.native, oval > 0, bits)


@pytest.fixture(scope="module")
def info(clips):
    return open_source([clips["even", 8]]).info


@pytest.mark.parametrize(
    ("name", "settings", "alpha", "reason"),
    [
        ("a.mov", {"codec": "av1"}, False, "av1 does not go into .mov: name the file .mp4 or .mkv"),
        ("a.avi", {"codec": "av1"}, False, "av1 does not go into .avi"),
        ("a.mov", {"codec": "prores", "bitrate": 20}, False, "prores has no bitrate"),
        ("a.mkv", {"codec": "ffv1", "bitrate": 20}, False, "ffv1 has no bitrate"),
        ("a.mp4", {"codec": "h264", "quality": 60}, False, "quality 60 is above 51"),
        ("a.mp4", {"codec": "av1", "bitrate": 200}, False, "at most 100 megabits"),
        ("a.mp4", {"codec": "av1", "quality": 0}, False, "av1 is not written without loss"),
        ("a.mp4", {"bits": 16}, False, "h265 cannot be written with 16 bits"),
        ("a.mov", {"codec": "prores", "bits": 8}, False, "prores cannot be written with 8 bits"),
        ("a.mp4", {"codec": "av1", "chroma": "444"}, False, "av1 cannot be written with chroma 444"),
        ("a.mp4", {"chroma": "rgb"}, False, "h264 cannot be written with chroma rgb"),
        ("a.mp4", {"profile": "hq"}, False, "prores does not go into .mp4"),
        ("a.mp4", {}, True, ".mp4 holds no alpha: name the file .mov"),
        ("a.mkv", {"codec": "h265"}, True, "h265 cannot be written with alpha"),
        ("a.mov", {"profile": "hq"}, True, "prores cannot be written with alpha"),
        ("a.mkv", {"codec": "ffv1", "encoder": "hardware"}, False, "no GPU encodes ffv1"),
        ("a.mp4", {"quality": 0, "encoder": "hardware"}, False, "lossless encoding is the CPU's"),
        ("a.mp4", {"chroma": "444", "encoder": "hardware"}, False, "no GPU takes yuv444p"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(info, name, settings, alpha, reason):
    with pytest.raises(UnderstudyError) as caught:
        plan_encoding(Path(name), info, EncodeSettings(**settings), alpha=alpha)
    assert reason in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"quality": 1}, {"quality": 2}, {"bitrate": 100}])
def test_the_fastest_av1_loses_no_picture_at_its_best(tmp_path, make_video, settings):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", count=16, size=(128, 96))])
    result = written(tmp_path / "o.mp4", source, EncodeSettings(codec="av1", speed="ultrafast", **settings))
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert np.abs(before.unit() - after.unit()).mean() < 0.01


def test_av1_refuses_odd_sizes(info):
    with pytest.raises(UnderstudyError, match=r"av1 takes no pictures of odd size, 65x66"):
        plan_encoding(Path("a.mp4"), replace(info, width=65), EncodeSettings(codec="av1"))


def test_quality_and_bitrate_exclude_each_other():
    with pytest.raises(ValidationError, match="give one of them"):
        EncodeSettings(quality=20, bitrate=10)
    with pytest.raises(ValidationError, match="profile is of prores"):
        EncodeSettings(codec="h264", profile="hq")


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
def test_more_bits_a_second_make_a_larger_file(tmp_path, make_video, codec):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", count=50, size=(128, 96))])
    sizes = []
    for bitrate in (0.02, 0.8):
        path = tmp_path / f"{bitrate}.mp4"
        written(path, source, EncodeSettings(codec=codec, bitrate=bitrate, speed="veryfast"))
        sizes.append(path.stat().st_size)
    assert sizes[0] < 0.7 * sizes[1]


@pytest.mark.parametrize(
    ("profile", "tag", "format_name"),
    [
        ("proxy", "apco", "yuv422p10le"),
        ("lt", "apcs", "yuv422p10le"),
        ("422", "apcn", "yuv422p10le"),
        ("hq", "apch", "yuv422p10le"),
        ("4444", "ap4h", "yuv444p12le"),
        ("4444xq", "ap4x", "yuv444p12le"),
    ],
)
def test_prores_is_of_the_kind_that_is_asked_for(tmp_path, clips, profile, tag, format_name):
    path = tmp_path / "o.mov"
    result = written(path, open_source([clips["even", 10]]), EncodeSettings(profile=profile))
    assert tag.encode() in path.read_bytes()
    assert result.info.pixel_format == format_name
