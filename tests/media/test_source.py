"""Files, folders and pictures make one source."""

from fractions import Fraction

import numpy as np
import pytest

from understudy.media import open_source, write_image
from understudy.project.errors import UnderstudyError


def fill(folder, names, size=(12, 8), value=None):
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        write_image(folder / name, np.full((size[1], size[0], 3), 10 * number if value is None else value, np.uint8))
    return folder


def test_a_folder_is_read_in_natural_order_at_the_given_rate(tmp_path):
    names = ["1.png", "2.png", "10.png", "a9.png", "a10.png"]
    folder = fill(tmp_path / "folder", names)
    (folder / ".hidden.png").write_bytes(b"")
    (folder / "notes.txt").write_text("no picture")
    source = open_source([folder], image_rate=Fraction(24000, 1001))
    frames = list(source.frames())
    assert [frame.name for frame in frames] == ["1", "2", "10", "a9", "a10"]
    assert [int(frame.pixels[0, 0, 0]) for frame in frames] == [0, 10, 20, 30, 40]
    assert [frame.time for frame in frames] == [n * Fraction(1001, 24000) for n in range(5)]
    assert [frame.index for frame in source.frames(2, 4)] == [2, 3]
    info = source.info
    assert (info.kind, info.frame_count, info.rate, info.width, info.height) == (
        "images",
        5,
        Fraction(24000, 1001),
        12,
        8,
    )
    assert info.duration == 5 * Fraction(1001, 24000)


def test_clips_and_folders_continue_each_other(tmp_path, make_video):
    video = make_video(tmp_path / "a.mp4", count=7, size=(12, 8))
    variable = make_video(
        tmp_path / "b.mkv", "ffv1", pts=[0, 40, 100, 333], time_base=Fraction(1, 1000), count=4, size=(12, 8)
    )
    folder = fill(tmp_path / "folder", ["1.png", "2.png"])
    lone = fill(tmp_path / "more", ["x.png", "y.png"])
    source = open_source([video, variable, folder, lone / "y.png", lone / "x.png"], image_rate=Fraction(10))
    frames = list(source.frames())
    assert [frame.index for frame in frames] == list(range(15))
    assert [clip.frame_count for clip in source.info.clips] == [7, 4, 2, 2]
    assert [clip.kind for clip in source.info.clips] == ["video", "video", "images", "images"]
    for clip, following in zip(source.info.clips, source.info.clips[1:], strict=False):
        assert following.start == clip.start + clip.duration
    second = Fraction(7, 25)
    assert [frame.time - second for frame in frames[7:11]] == [
        0,
        Fraction(40, 1000),
        Fraction(1, 10),
        Fraction(333, 1000),
    ]
    for frame in frames:
        assert (frame.time / source.info.time_base).denominator == 1
    for following, frame in zip(frames[1:], frames, strict=False):
        assert following.time == frame.time + frame.duration
    assert frames[-1].time + frames[-1].duration == source.info.duration
    for start, stop in ((0, 1), (6, 8), (5, 15), (10, 12), (14, 15), (3, 3)):
        part = list(source.frames(start, stop))
        assert [frame.index for frame in part] == list(range(start, stop))
        for frame in part:
            np.testing.assert_array_equal(frame.pixels, frames[frame.index].pixels)
            assert frame.time == frames[frame.index].time
    with pytest.raises(ValueError, match="frames"):
        source.frames(0, 16)


def test_sizes_that_differ_are_refused_with_both_names(tmp_path, make_video):
    first, second = make_video(tmp_path / "a.mp4"), make_video(tmp_path / "b.mp4", size=(32, 32))
    with pytest.raises(UnderstudyError) as caught:
        open_source([first, second])
    assert all(text in str(caught.value) for text in (str(first), str(second), "64x48", "32x32"))
    folder = fill(tmp_path / "folder", ["1.png", "2.png"])
    fill(folder, ["3.png"], size=(9, 9))
    with pytest.raises(UnderstudyError) as caught:
        list(open_source([folder]).frames())
    assert all(text in str(caught.value) for text in ("1.png", "3.png", "12x8", "9x9"))


def test_an_unreadable_picture_is_named(tmp_path):
    folder = fill(tmp_path / "folder", ["1.png", "2.png", "3.png"])
    (folder / "2.png").write_bytes(b"broken")
    frames = open_source([folder]).frames()
    assert next(frames).index == 0
    with pytest.raises(UnderstudyError, match=r"2\.png"):
        next(frames)


def test_deep_and_floating_pictures_say_so(tmp_path):
    for name, dtype, depth in (("a.png", np.uint16, 16), ("a.exr", np.float32, 32), ("b.png", np.uint8, 8)):
        write_image(tmp_path / name, np.ones((4, 4, 3), dtype), np.ones((4, 4), dtype))
        source = open_source([tmp_path / name])
        assert (source.info.bit_depth, source.info.has_alpha, source.info.pixel_format) == (depth, True, None)
        assert next(source.frames()).pixels.dtype == dtype


def test_nothing_to_read_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    for paths in ([], [tmp_path / "empty"], [tmp_path / "missing.png"], [tmp_path / "missing"]):
        with pytest.raises(UnderstudyError):
            open_source(paths)
    fill(tmp_path / "folder", ["1.png"])
    with pytest.raises(UnderstudyError, match="above 0"):
        open_source([tmp_path / "folder"], image_rate=Fraction(0))
