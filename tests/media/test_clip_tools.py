"""Clips are cut to the frame, joined, copied and looked into; what is not asked for stays as it is."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from understudy.media import ColorTags, EncodeSettings, open_source, read_image
from understudy.media.packet_copy import copy_part
from understudy.media.part import PartSource
from understudy.media.probe import probe
from understudy.media.timecode import parse_time, show_time
from understudy.media.transcode import at_rate, transcode
from understudy.project import UnderstudyError

_LOSSLESS = EncodeSettings(codec="ffv1")


def _planes(path: Path) -> list[np.ndarray]:
    """Every frame as the file holds it."""
    return [frame.native.to_ndarray() for frame in open_source([path]).frames()]


def _sound(path: Path) -> list[tuple[float, bytes]]:
    """The packets of the first sound track, with their seconds from when the first picture is shown."""
    origin = float(open_source([path]).info.clips[0].origin)
    with av.open(str(path)) as file:
        return [(float(p.pts * p.time_base) - origin, bytes(p)) for p in file.demux(audio=0) if p.size]


@pytest.mark.parametrize(
    ("start", "end", "first", "stop"),
    [
        ("0", None, 0, 30),
        ("0.4", "1.0", 10, 25),
        ("0.39", "0.41", 10, 11),
        ("0.41", "0.43", 11, 11),
        ("1.16", None, 29, 30),
        ("0.4", "9", 10, 30),
    ],
)
def test_a_cut_is_exact_to_the_frame_and_lossless_where_the_codec_is(
    make_video: Callable[..., Path], tmp_path: Path, start: str, end: str | None, first: int, stop: int
) -> None:
    clip = make_video(tmp_path / "a.mkv", options={"g": "12", "bf": "2"})
    bounds = {"start": parse_time(start), "end": None if end is None else parse_time(end)}
    if first == stop:
        with pytest.raises(UnderstudyError, match="no frame in that time"):
            PartSource(clip, **bounds)
        return
    done = transcode(PartSource(clip, **bounds), tmp_path / "b.mkv", _LOSSLESS)
    assert done.frames == stop - first
    for ours, theirs in zip(_planes(tmp_path / "b.mkv"), _planes(clip)[first:stop], strict=True):
        assert np.array_equal(ours, theirs)


def test_times_of_a_variable_rate_are_kept(make_video: Callable[..., Path], tmp_path: Path) -> None:
    pts = [0, 40, 90, 100, 300, 310, 333, 420, 600, 640]
    clip = make_video(tmp_path / "a.mkv", count=10, pts=pts, time_base=Fraction(1, 1000))
    transcode(PartSource(clip, start=Fraction(100, 1000), end=Fraction(600, 1000)), tmp_path / "b.mkv", _LOSSLESS)
    times = [frame.time for frame in open_source([tmp_path / "b.mkv"]).frames()]
    assert times == [Fraction(t - 100, 1000) for t in pts[3:8]]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_the_sound_of_a_cut_is_that_of_its_time(make_video: Callable[..., Path], tmp_path: Path, suffix: str) -> None:
    clip = make_video(tmp_path / f"a{suffix}", count=50, sound="aac", title="A title")
    start, end = Fraction(13, 25), Fraction(38, 25)
    transcode(PartSource(clip, start=start, end=end), tmp_path / f"b{suffix}", EncodeSettings())
    expected = [(time - 0.52, data) for time, data in _sound(clip) if 0.52 <= time < 1.52]
    found = _sound(tmp_path / f"b{suffix}")
    assert [data for _, data in found] == [data for _, data in expected]
    # Containers keep a track's beginning to the millisecond.
    assert [time for time, _ in found] == pytest.approx([time for time, _ in expected], abs=0.0016)
    silent = transcode(PartSource(clip, start=start, end=end, sound=-1), tmp_path / f"c{suffix}", EncodeSettings())
    assert not open_source([silent.path]).info.has_audio
    with pytest.raises(UnderstudyError, match="no sound track 1"):
        PartSource(clip, sound=1)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
@pytest.mark.parametrize("bframes", ["0", "2"])
def test_a_copy_begins_at_a_key_picture_and_keeps_every_bit(
    make_video: Callable[..., Path], tmp_path: Path, suffix: str, bframes: str
) -> None:
    options = {"g": "10", "keyint_min": "10", "sc_threshold": "0", "bf": bframes}
    clip = make_video(tmp_path / f"a{suffix}", count=40, options=options, sound="aac")
    done = copy_part(clip, tmp_path / f"b{suffix}", start=Fraction(13, 25), end=Fraction(27, 25))
    assert any("begins 3 frames early" in note for note in done.notes)
    original, copied = _planes(clip), _planes(tmp_path / f"b{suffix}")
    assert 17 <= len(copied) <= 19
    for ours, theirs in zip(copied, original[10:], strict=False):
        assert np.array_equal(ours, theirs)
    info = open_source([tmp_path / f"b{suffix}"]).info
    assert info.has_audio
    assert copy_part(clip, tmp_path / f"c{suffix}").frames == 40
    with pytest.raises(UnderstudyError, match="exists already"):
        copy_part(clip, tmp_path / f"c{suffix}")
    copy_part(clip, tmp_path / f"d{suffix}", sound=-1)
    assert not open_source([tmp_path / f"d{suffix}"]).info.has_audio


def test_clips_and_pictures_are_joined(make_video: Callable[..., Path], tmp_path: Path) -> None:
    one = make_video(tmp_path / "1.mkv", count=10, sound="aac")
    two = make_video(tmp_path / "2.mkv", count=7, sound="aac")
    done = transcode(open_source([one, two]), tmp_path / "both.mkv", _LOSSLESS)
    assert done.frames == 17
    for ours, theirs in zip(_planes(tmp_path / "both.mkv"), _planes(one) + _planes(two), strict=True):
        assert np.array_equal(ours, theirs)
    with pytest.raises(UnderstudyError, match="exists already"):
        transcode(open_source([one]), tmp_path / "both.mkv", _LOSSLESS)


def test_frames_become_pictures_that_keep_their_numbers(make_video: Callable[..., Path], tmp_path: Path) -> None:
    clip = make_video(tmp_path / "a.mkv", count=30)
    choose = at_rate(Fraction(10))
    done = transcode(open_source([clip]), tmp_path / "out", EncodeSettings(image_format="png"), choose=choose)
    names = [path.name for path in sorted((tmp_path / "out").iterdir())]
    assert done.frames == len(names) == 12
    assert names[:4] == ["00001.png", "00003.png", "00006.png", "00008.png"]  # nearest to 0, 2.5, 5 and 7.5
    pixels, _ = read_image(tmp_path / "out" / "00006.png")
    assert np.array_equal(pixels, next(open_source([clip]).frames(5, 6)).pixels)


@pytest.mark.parametrize("rate", [1, 7, 25, 60, 1000])
def test_no_frame_is_chosen_twice(make_video: Callable[..., Path], tmp_path: Path, rate: int) -> None:
    source = open_source([make_video(tmp_path / "a.mkv", count=30)])
    chosen = [frame.index for frame in at_rate(Fraction(rate))(source.frames())]
    assert chosen == sorted(set(chosen))
    assert chosen[0] == 0
    assert len(chosen) == pytest.approx(min(30, 1.2 * rate), abs=1)


def test_a_probe_tells_what_was_made(make_video: Callable[..., Path], tmp_path: Path) -> None:
    tags = ColorTags(primaries=1, transfer=1, matrix=1, full_range=False)
    clip = make_video(tmp_path / "a.mkv", "libx264", "yuv420p10le", count=12, sound="aac", subtitles="ass", tags=tags)
    found = probe(clip)
    assert (found.frames, found.width, found.height, found.bit_depth, found.rate) == (12, 64, 48, 10, 25)
    assert (found.codec, found.pixel_format) == ("h264", "yuv420p10le")
    assert (found.primaries, found.transfer, found.matrix, found.full_range) == (1, 1, 1, False)
    assert [(track.codec, track.rate, track.channels) for track in found.sound] == [("aac", 48000, 2)]
    assert found.subtitles == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", "83.5"), ("1:23.5", "83.5"), ("00:01:23.500", "83.5"), ("0", "0"), ("100:00:00", "360000")],
)
def test_times_are_read(text: str, seconds: str) -> None:
    assert parse_time(text) == Fraction(seconds)
    assert parse_time(show_time(parse_time(text))) == Fraction(seconds)


@pytest.mark.parametrize("text", ["", "-1", "1:2:3:4", "ten", "1e3", "1:", "1.2.3", "٣"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UnderstudyError, match="is no time"):
        parse_time(text)


def test_av1_is_copied_though_its_decoder_is_no_encoder(make_video: Callable[..., Path], tmp_path: Path) -> None:
    clip = make_video(tmp_path / "a.mp4", "libsvtav1", count=5, size=(64, 64))
    copy_part(clip, tmp_path / "b.mkv")
    assert all(map(np.array_equal, _planes(clip), _planes(tmp_path / "b.mkv")))
    assert len(_planes(tmp_path / "b.mkv")) == 5
