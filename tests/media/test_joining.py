"""Parts that are joined are as they would be, written at once."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from understudy.media import EncodeSettings, open_sink, open_source, write_image
from understudy.media.hdr import HdrMetadata, MasteringDisplay
from understudy.media.joining import FinishedPart, cut_clips, join_folders, join_videos
from understudy.media.video_sink import VideoSink
from understudy.project import UnderstudyError

FRAMES = 24
CUTS = (0, 1, 3, 14, FRAMES)  # parts of one, two and many frames


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 frames at 30000/1001 a second with stereo sound."""
    path = tmp_path_factory.mktemp("clip") / "take.mov"
    random = np.random.default_rng(5)
    rate = Fraction(30000, 1001)
    with av.open(path, "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"crf": "20"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        sound = container.add_stream("aac", rate=48000, layout="stereo")
        wide = random.integers(0, 255, (64, 200, 3), dtype=np.uint8)
        for number in range(FRAMES):
            picture = np.ascontiguousarray(wide[:, 4 * number : 4 * number + 96])
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        tone = (8000 * np.sin(np.arange(48000 * FRAMES * 1001 // 30000) / 20)).astype(np.int16)
        for start in range(0, len(tone) - 1024, 1024):
            frame = av.AudioFrame.from_ndarray(np.repeat(tone[start : start + 1024], 2)[None], "s16", "stereo")
            frame.rate, frame.pts = 48000, start
            container.mux(sound.encode(frame))
        container.mux(video.encode())
        container.mux(sound.encode())
    return path


def written(path: Path, clip: Path, codec: str) -> list[FinishedPart]:
    """The clip's frames in parts beside `path`."""
    source = open_source([clip])
    parts = []
    for number, (first, stop) in enumerate(pairwise(CUTS)):
        part = path.with_name(f"part_{number}{path.suffix}")
        frames = list(source.frames(first, stop))
        with open_sink(part, like=source, settings=EncodeSettings(codec=codec, copy_streams=False)) as sink:
            for frame in frames:
                sink.write(replace(frame, time=frame.time - frames[0].time), frame.pixels, None)
        end = frames[-1].time + (frames[-1].duration or 0)
        parts.append(FinishedPart(part, first, tuple(frame.time for frame in frames), end))
    return parts


def at_once(path: Path, clip: Path, codec: str) -> Path:
    source = open_source([clip])
    with open_sink(path, like=source, settings=EncodeSettings(codec=codec)) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, None)
    return path


def about(path: Path) -> tuple[object, ...]:
    with av.open(path) as container:
        video = container.streams.video[0]
        context = video.codec_context
        shown = video.average_rate, context.name, context.codec_tag, context.color_range, context.pix_fmt
        return *shown, [(sound.codec_context.name, sound.duration) for sound in container.streams.audio]


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".mp4", "h264"),
        (".mov", "h265"),
        (".mkv", "h264"),
        (".mkv", "ffv1"),
        (".avi", "h264"),
        (".mov", "prores"),
        (".mp4", "av1"),
        (".mkv", "av1"),
    ],
)
def test_joined_parts_are_as_the_whole(clip: Path, tmp_path: Path, suffix: str, codec: str) -> None:
    whole, joined = at_once(tmp_path / f"whole{suffix}", clip, codec), tmp_path / f"joined{suffix}"
    parts = written(joined, clip, codec)
    join_videos(joined, parts, info=open_source([clip]).info, copy_streams=True)
    assert about(joined) == about(whole)
    one, other = (list(open_source([path]).frames()) for path in (whole, joined))
    assert [(frame.time, frame.duration) for frame in other] == [(frame.time, frame.duration) for frame in one]
    apart = [frame.pixels for part in parts for frame in open_source([part.path]).frames()]
    assert all(np.array_equal(frame.pixels, pixels) for frame, pixels in zip(other, apart, strict=True))
    with av.open(joined) as container:
        decoded = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
    assert decoded == sorted(set(decoded))


def test_some_parts_are_a_clip_of_their_own_with_the_sound_of_their_time(clip: Path, tmp_path: Path) -> None:
    parts = written(tmp_path / "joined.mp4", clip, "h264")[2:]
    join_videos(tmp_path / "joined.mp4", parts, info=open_source([clip]).info, copy_streams=True)
    frames = list(open_source([tmp_path / "joined.mp4"]).frames())
    assert len(frames) == FRAMES - CUTS[2]
    assert [frame.time for frame in frames] == [time - parts[0].times[0] for part in parts for time in part.times]
    with av.open(tmp_path / "joined.mp4") as container:
        seconds = sum(packet.duration * packet.time_base for packet in container.demux(audio=0) if packet.size)
    assert abs(seconds - (parts[-1].end - parts[0].times[0])) < Fraction(1024 * 2, 48000)


def test_a_damaged_part_is_named(clip: Path, tmp_path: Path) -> None:
    parts = written(tmp_path / "joined.mkv", clip, "ffv1")
    lacking = replace(parts[3], times=parts[3].times[:-1])
    with pytest.raises(UnderstudyError, match=r"part_3\.mkv is damaged"):
        join_videos(tmp_path / "joined.mkv", [*parts[:3], lacking], info=open_source([clip]).info, copy_streams=False)
    assert not (tmp_path / "joined.mkv").exists()


def test_pictures_are_put_together_and_none_is_lost_to_a_namesake(tmp_path: Path) -> None:
    parts = []
    for number, names in enumerate((["a_1", "a_2"], ["a_1", "a_10"])):
        for place, name in enumerate(names):
            pixels = np.full((8, 8, 3), 10 * number + place, np.uint8)
            write_image(tmp_path / f"part{number}" / f"{name}.png", pixels)
        parts.append(FinishedPart(tmp_path / f"part{number}", 2 * number, (Fraction(0), Fraction(1)), Fraction(2)))
    join_folders(tmp_path / "all", parts)
    found = {path.stem: int(next(iter(open_source([path]).frames())).pixels[0, 0, 0]) for path in
             (tmp_path / "all").iterdir()}  # fmt: skip
    assert found == {"a_1": 0, "a_2": 1, "a_1_00003": 10, "a_10": 11}


def test_clips_are_cut_to_a_time(clip: Path) -> None:
    info = open_source([clip, clip]).info
    assert cut_clips(info.clips, Fraction(0), info.duration) == info.clips
    length = info.clips[0].duration
    first, second = cut_clips(info.clips, length / 2, length * 3 / 2)
    assert (first.start, first.duration, first.origin) == (0, length / 2, info.clips[0].origin + length / 2)
    assert (second.start, second.duration, second.origin) == (length / 2, length / 2, info.clips[1].origin)
    assert first.is_part
    assert second.is_part
    (only,) = cut_clips(info.clips, length, 2 * length)
    assert only == replace(info.clips[1], start=Fraction(0))


@pytest.mark.parametrize(("suffix", "boxes"), [(".mp4", [b"mdcv", b"clli"]), (".mkv", [b"\x55\xd0", b"\x55\xbc"])])
def test_what_the_container_says_of_hdr_is_kept(clip: Path, tmp_path: Path, suffix: str, boxes: list[bytes]) -> None:
    screen = MasteringDisplay((35400, 14600), (8500, 39850), (6550, 2300), (15635, 16450), 50, 10_000_000)
    info = replace(open_source([clip]).info, hdr=HdrMetadata(screen, (1000, 400)))
    parts = []
    for number, (first, stop) in enumerate(((0, 5), (5, 9))):
        part, frames = tmp_path / f"{number}{suffix}", list(open_source([clip]).frames(first, stop))
        with VideoSink(part, info=info, settings=EncodeSettings(codec="h265", copy_streams=False)) as sink:
            for frame in frames:
                sink.write(replace(frame, time=frame.time - frames[0].time), frame.pixels, None)
        parts.append(FinishedPart(part, first, tuple(frame.time for frame in frames), frames[-1].time + 1))
    join_videos(tmp_path / f"joined{suffix}", parts, info=info, copy_streams=False)
    for path in (parts[0].path, tmp_path / f"joined{suffix}"):
        assert all(box in path.read_bytes() for box in boxes)


@pytest.mark.parametrize(("suffix", "codec"), [(".mov", "prores"), (".mp4", "av1"), (".mkv", "h264")])
def test_pixels_keep_their_shape(tmp_path: Path, make_video, suffix: str, codec: str) -> None:
    clip = make_video(tmp_path / "in.mp4", count=FRAMES, aspect=Fraction(4, 3))
    parts = written(tmp_path / f"joined{suffix}", clip, codec)
    info = open_source([clip]).info
    join_videos(tmp_path / f"joined{suffix}", parts, info=info, copy_streams=False)
    assert open_source([tmp_path / f"joined{suffix}"]).info.sample_aspect_ratio == Fraction(4, 3)
