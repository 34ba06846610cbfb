"""A written file has the source's pictures, times and colours, and nothing else is left behind."""

import shutil
import subprocess
import threading
from fractions import Fraction

import numpy as np
import pytest

from understudy.media import ColorTags, EncodeSettings, open_sink, open_source, write_image
from understudy.media.rgb import plane_view
from understudy.project.errors import UnderstudyError

FFV1 = EncodeSettings(codec="ffv1")
FAST = EncodeSettings(speed="ultrafast")
VFR = [0, 40, 90, 100, 101, 300, 333, 340, 400, 500, 640, 650]
TAGS = ColorTags(primaries=9, transfer=16, matrix=9, full_range=False)


def render(source, path, settings=FAST, change=None, mask=None):
    """Write every frame, changed by `change` where `mask` says, and open the result."""
    with open_sink(path, like=source, settings=settings) as sink:
        for frame in source.frames():
            pixels = frame.pixels if change is None else change(frame.pixels)
            sink.write(frame, pixels, mask)
    return open_source([path]), sink.notes


def assert_same_times(first, second):
    pairs = list(zip(first.frames(), second.frames(), strict=True))
    assert [a.time for a, _ in pairs] == [b.time for _, b in pairs]
    assert abs(first.info.duration - second.info.duration) <= Fraction(1, 1000)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize(
    ("pts", "time_base"),
    [
        (VFR, Fraction(1, 1000)),
        (range(12), Fraction(1, 25)),
        ([5 * n for n in range(12)], Fraction(1, 1000)),
        ([40, 80, 130, 170, 2000, 2001, 2002, 2100, 2200, 2300, 2400, 2500], Fraction(1, 1000)),
    ],
)
def test_count_and_times_round_trip(tmp_path, make_video, suffix, pts, time_base):
    source = open_source([make_video(tmp_path / "in.mp4", pts=pts, count=12, time_base=time_base, options={"bf": "3"})])
    result, _ = render(source, tmp_path / f"out.{suffix}")
    assert result.info.frame_count == 12
    assert_same_times(source, result)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_film_rates_are_exact_in_mp4(tmp_path, make_video, codec):
    rate = Fraction(24000, 1001)
    source = open_source([make_video(tmp_path / "in.mp4", size=(64, 64), rate=rate, time_base=1 / rate)])
    result, _ = render(source, tmp_path / "out.mp4", EncodeSettings(codec=codec, speed="ultrafast"))
    assert source.info.rate == result.info.rate == rate
    assert_same_times(source, result)


@pytest.mark.parametrize(
    ("codec", "suffix", "pixel_format"),
    [
        ("h264", "mp4", "yuv420p"),
        ("h264", "mkv", "yuv422p"),
        ("h265", "mov", "yuv420p10le"),
        ("prores", "mov", "yuv422p10le"),
        ("prores", "mov", "yuva444p10le"),
        ("ffv1", "mkv", "yuv420p"),
        ("ffv1", "mkv", "yuv444p12le"),
    ],
)
@pytest.mark.parametrize("full", [False, True])
def test_colour_tags_and_range_round_trip(tmp_path, make_video, codec, suffix, pixel_format, full):
    if codec == "prores" and full:
        pytest.skip("ProRes is studio range by definition")
    tags = ColorTags(9, 16, 9, full)
    encoder = "prores_ks" if codec == "prores" else "ffv1"
    container = "mov" if codec == "prores" else "mkv"
    source = open_source(
        [make_video(tmp_path / f"in.{container}", encoder, pixel_format, count=3, size=(64, 64), tags=tags)]
    )
    assert source.info.color == tags
    result, _ = render(source, tmp_path / f"out.{suffix}", EncodeSettings(codec=codec, quality=1))
    assert result.info.color == tags
    for a, b in zip(source.frames(), result.frames(), strict=True):
        assert np.abs(a.unit() - b.unit()).mean() < 0.01
        if a.alpha is not None:
            np.testing.assert_allclose(a.alpha, b.alpha, atol=70)  # 10 bits out of the codec's 12


@pytest.mark.parametrize("size", [(64, 48), (35, 27), (1, 1)])
@pytest.mark.parametrize(
    ("pixel_format", "full"),
    [
        ("yuv420p", False),
        ("yuvj420p", True),
        ("yuv420p10le", False),
        ("yuv422p", False),
        ("yuva420p", False),
        ("gray", True),
    ],
)
def test_ffv1_keeps_every_sample_outside_the_change(tmp_path, make_video, pixel_format, full, size):
    codec = "mjpeg" if pixel_format == "yuvj420p" else "ffv1"
    tags = ColorTags(full_range=full)
    source = open_source([make_video(tmp_path / "in.mkv", codec, pixel_format, count=4, size=size, tags=tags)])
    mask = np.zeros(size[::-1], bool)
    mask[10:20, 13:30] = True
    result, _ = render(source, tmp_path / "out.mkv", FFV1, lambda pixels: np.iinfo(pixels.dtype).max - pixels, mask)
    assert result.info.frame_count == 4
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert after.native.format.name == before.native.format.name.replace("yuvj", "yuv")
        for plane in range(len(before.native.planes)):
            dtype = "u1" if source.info.bit_depth == 8 else "<u2"
            old, new = plane_view(before.native, plane, dtype), plane_view(after.native, plane, dtype)
            step_y, step_x = (-(-a // b) for a, b in zip(mask.shape, old.shape, strict=True))
            touched = np.zeros(old.shape, bool)
            for row, column in np.argwhere(mask):
                touched[row // step_y, column // step_x] = plane < 3
            np.testing.assert_array_equal(new[~touched], old[~touched])
            assert not touched.any() or (new[touched] != old[touched]).any()


@pytest.mark.parametrize("name", ["headpose_m.mp4", "signer_a_brother.mkv"])
def test_the_footage_survives_untouched_and_with_its_times(tmp_path, footage, name):
    source = open_source([footage / name])
    nothing = np.zeros((source.info.height, source.info.width), bool)
    result, _ = render(source, tmp_path / "out.mkv", FFV1, mask=nothing)
    assert result.info.color == source.info.color
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert abs(before.time - after.time) < Fraction(1, 1000)  # Matroska's clock
        for plane in range(3):
            np.testing.assert_array_equal(plane_view(before.native, plane, "u1"), plane_view(after.native, plane, "u1"))


@pytest.mark.parametrize(
    ("dtype", "with_alpha"), [(np.uint8, False), (np.uint8, True), (np.uint16, False), (np.uint16, True)]
)
def test_rgb_through_ffv1_is_lossless(tmp_path, dtype, with_alpha):
    random = np.random.default_rng(0)
    folder = tmp_path / "in"
    for number in range(3):
        pixels = random.integers(0, np.iinfo(dtype).max, (27, 35, 3), dtype, endpoint=True)
        alpha = random.integers(0, np.iinfo(dtype).max, (27, 35), dtype, endpoint=True) if with_alpha else None
        write_image(folder / f"{number}.png", pixels, alpha)
    source = open_source([folder])
    result, _ = render(source, tmp_path / "out.mkv", FFV1)
    for before, after in zip(source.frames(), result.frames(), strict=True):
        np.testing.assert_array_equal(before.pixels, after.pixels)
        if with_alpha:
            np.testing.assert_array_equal(before.alpha, after.alpha)


def test_pictures_become_ordinary_video_with_stated_colours(tmp_path, make_picture):
    folder = tmp_path / "in"
    for number in range(5):
        write_image(folder / f"{number}.png", (make_picture(number) >> 8).astype(np.uint8))
    source = open_source([folder], image_rate=Fraction(24))
    result, _ = render(source, tmp_path / "out.mp4", EncodeSettings(quality=1))
    assert result.info.color == ColorTags(primaries=1, transfer=13, matrix=6, full_range=False)
    assert (result.info.pixel_format, result.info.rate) == ("yuv420p", 24)
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert np.abs(before.unit() - after.unit()).mean() < 0.01


def test_a_size_that_the_encoder_does_not_take_is_one_line_that_says_so(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", "yuv444p", size=(2, 40), count=2)])
    settings = EncodeSettings(codec="ffv1", chroma="420")
    with pytest.raises(UnderstudyError, match=r"ffv1 takes no 2x40 pictures as yuv420p: choose another --codec"):
        open_sink(tmp_path / "o.mkv", like=source, settings=settings)
    assert not list(tmp_path.glob("o*"))


def test_rotated_video_is_written_upright(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mp4", rotation=(90, False), aspect=Fraction(4, 3))])
    result, _ = render(source, tmp_path / "out.mp4", EncodeSettings(quality=1))
    info = result.info
    assert (info.width, info.height, info.rotation, info.sample_aspect_ratio) == (48, 64, 0, Fraction(3, 4))
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert np.abs(before.unit() - after.unit()).mean() < 0.01


@pytest.mark.parametrize(("codec", "suffix"), [("h264", "mp4"), ("h265", "mp4"), ("prores", "mov"), ("ffv1", "avi")])
def test_odd_sizes_are_kept(tmp_path, make_video, codec, suffix):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", size=(101, 75), count=3)])
    result, notes = render(source, tmp_path / f"out.{suffix}", EncodeSettings(codec=codec, quality=1))
    assert (result.info.width, result.info.height, result.info.frame_count) == (101, 75, 3)
    assert result.info.pixel_format in notes[0]
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert np.abs(before.unit() - after.unit()).mean() < 0.02


@pytest.mark.parametrize(
    ("pixel_format", "size", "name", "codec"),
    [
        ("gray", (64, 48), "out.mp4", "h264"),  # its full range has to be told
        ("gray", (64, 48), "out.mov", "prores"),
        ("yuv420p", (33, 18), "out.mov", "prores"),  # the last column of chroma is in a block of its own
    ],
)
def test_grey_and_the_last_column_keep_their_colour(tmp_path, make_video, pixel_format, size, name, codec):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", pixel_format, size=size, count=2)])
    result, _ = render(source, tmp_path / name, EncodeSettings(codec=codec))
    for before, after in zip(source.frames(), result.frames(), strict=True):
        assert np.abs(before.unit() - after.unit()).mean(axis=(0, 2)).max() < 0.03


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_shortest_clips_are_written_too(tmp_path, make_video, codec, suffix, count):
    source = open_source([make_video(tmp_path / "in.mkv", "ffv1", size=(64, 64), count=count)])
    for attempt in range(4):
        result, _ = render(source, tmp_path / f"{attempt}.{suffix}", EncodeSettings(codec=codec, speed="ultrafast"))
        assert_same_times(source, result)


def test_avi_keeps_an_even_rate_and_refuses_an_uneven_one(tmp_path, make_video):
    even = open_source([make_video(tmp_path / "even.mp4", rate=30, time_base=Fraction(1, 30))])
    for codec in ("h264", "ffv1"):
        result, _ = render(even, tmp_path / f"{codec}.avi", EncodeSettings(codec=codec))
        assert_same_times(even, result)
    uneven = open_source([make_video(tmp_path / "uneven.mp4", pts=VFR, count=12, time_base=Fraction(1, 1000))])
    with pytest.raises(UnderstudyError, match="variable frame rate"):
        open_sink(tmp_path / "out.avi", like=uneven, settings=FAST)
    assert not (tmp_path / "out.avi").exists()


def test_nothing_half_written_stays(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mp4")])
    target = tmp_path / "out" / "result.mp4"
    target.parent.mkdir()
    target.write_bytes(b"the result before")
    threads = threading.active_count()

    def fail():
        with open_sink(target, like=source, settings=FAST) as sink:
            for frame in source.frames(0, 10):
                sink.write(frame, frame.pixels, None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    sink = open_sink(target, like=source, settings=FAST)
    sink.write(next(source.frames()), next(source.frames()).pixels, None)
    sink.abort()
    sink.abort()
    with pytest.raises(UnderstudyError, match="no frame"):
        open_sink(target, like=source, settings=FAST).close()
    assert [path.name for path in target.parent.iterdir()] == ["result.mp4"]
    assert target.read_bytes() == b"the result before"
    assert threading.active_count() == threads


def test_frames_out_of_order_or_size_are_refused(tmp_path, make_video):
    source = open_source([make_video(tmp_path / "in.mp4")])
    first, second = source.frames(0, 2)
    with open_sink(tmp_path / "out.mp4", like=source, settings=FAST) as sink:
        sink.write(second, second.pixels, None)
        with pytest.raises(ValueError, match="not shown after"):
            sink.write(first, first.pixels, None)
        with pytest.raises(ValueError, match="shape"):
            sink.write(second, second.pixels[:-1], None)


def test_unwritable_places_and_the_source_itself_are_refused(tmp_path, make_video):
    path = make_video(tmp_path / "in.mp4")
    source = open_source([path])
    data = path.read_bytes()
    (tmp_path / "file").write_bytes(b"")
    for target in (path, tmp_path / "x" / ".." / "in.mp4", tmp_path / "file" / "out.mp4", tmp_path / "out.gif"):
        with pytest.raises(UnderstudyError) as caught:
            open_sink(target, like=source, settings=FAST)
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == data
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "in.mp4"]


@pytest.mark.parametrize("target", ["out.mkv", "out.mp4", "pictures"])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, footage, target):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)]
    if mount is None or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root alone")
    try:
        source = open_source([footage / "headpose_m.mp4"])
        settings = EncodeSettings(quality=0, speed="ultrafast")
        with pytest.raises(UnderstudyError, match="No space left") as caught:
            render(source, disk / target, settings)
        assert "\n" not in str(caught.value)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run([shutil.which("umount"), "-l", str(disk)], check=True)
