"""Sound, subtitles, chapters and titles go with the pictures."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from understudy.media import EncodeSettings, open_sink, open_source

FAST = EncodeSettings(speed="ultrafast")
CHAPTERS = (("one", 0, 500), ("two", 500, 1200))


@pytest.fixture
def clip(tmp_path, make_video):
    def make(name, sound="aac", subtitles=None, **rest):
        return make_video(tmp_path / name, sound=sound, subtitles=subtitles, title="A title", chapters=CHAPTERS, **rest)

    return make


def render(paths, target, settings=FAST, stop=None):
    source = open_source(paths)
    with open_sink(target, like=source, settings=settings) as sink:
        for frame in source.frames(0, stop):
            sink.write(frame, frame.pixels, None)
    return source, sink.notes


def packets(path, kind):
    """Payload and time from the first picture of every packet of the file's first stream of `kind`."""
    with av.open(str(path)) as container:
        clock = (lambda p: p.dts) if container.format.name == "avi" else (lambda p: p.pts)
        origin = min(clock(p) * p.time_base for p in container.demux(video=0) if clock(p) is not None)
    with av.open(str(path)) as container:
        streams = {"audio": container.streams.audio, "subtitle": container.streams.subtitles}[kind]
        if not streams:
            return []
        found = [
            (bytes(p), p.pts * p.time_base - origin)
            for p in container.demux(streams[0])
            if p.size and p.pts is not None
        ]
        return [(data, time) for data, time in found if kind == "audio" or len(data) > 2]  # not mov_text's blanks


def wave(path):
    """The first channel of the first sound stream with the time of its first sample, both from the first picture."""
    with av.open(str(path)) as container:
        clock = (lambda p: p.dts) if container.format.name == "avi" else (lambda p: p.pts)
        origin = min(clock(p) * p.time_base for p in container.demux(video=0) if clock(p) is not None)
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        samples = (
            np.concatenate([f.to_ndarray()[0] for f in frames])
            if frames[0].format.is_planar
            else np.concatenate([f.to_ndarray()[0, ::2] / 32768 for f in frames])
        )
        return samples, float(frames[0].pts * frames[0].time_base - origin)


@pytest.mark.parametrize(
    ("sound", "before", "after"),
    [
        ("aac", "a.mp4", "o.mp4"),
        ("aac", "a.mp4", "o.mkv"),
        ("aac", "a.mkv", "o.mov"),
        ("libopus", "a.mkv", "o.mkv"),
        ("libopus", "a.mkv", "o.mp4"),
        ("pcm_s16le", "a.mov", "o.mov"),
        ("pcm_s16le", "a.mkv", "o.avi"),
        ("aac", "a.ts", "o.mkv"),
    ],
)
def test_sound_is_copied_bit_for_bit_and_in_time(tmp_path, clip, sound, before, after):
    path = clip(before, sound)
    _, notes = render([path], tmp_path / after)
    assert len(notes) == 1  # the codec chosen, and nothing lost
    source, result = packets(path, "audio"), packets(tmp_path / after, "audio")
    strip = (lambda data: data[7:]) if before.endswith(".ts") else (lambda data: data)  # ADTS headers go
    if sound == "pcm_s16le":
        assert b"".join(d for d, _ in source) == b"".join(d for d, _ in result)
    else:
        assert [strip(data) for data, _ in source] == [data for data, _ in result]
        assert max(abs(a - b) for (_, a), (_, b) in zip(source, result, strict=True)) <= Fraction(2, 1000)
    assert abs(wave(path)[1] - wave(tmp_path / after)[1]) < 0.03


@pytest.mark.parametrize(("sound", "before", "after"), [("libopus", "a.mkv", "o.avi"), ("pcm_s16le", "a.mkv", "o.mp4")])
def test_sound_that_the_container_cannot_hold_is_encoded_anew(tmp_path, clip, sound, before, after):
    path = clip(before, sound, count=50)
    _, notes = render([path], tmp_path / after)
    assert any("sound 1" in note and "converted" in note for note in notes)
    (old, old_start), (new, new_start) = wave(path), wave(tmp_path / after)
    middle = slice(20000, 60000)
    shift = round((old_start - new_start) * 48000)
    spectra = [np.abs(np.fft.rfft(samples[middle])) for samples in (old, np.roll(new, -shift))]
    assert np.argmax(spectra[0]) == np.argmax(spectra[1])
    assert abs(len(old) - len(new)) < 4096


def test_the_sound_of_several_clips_starts_with_its_pictures(tmp_path, clip):
    first, second = clip("a.mp4"), clip("b.mkv", count=20)
    silent = clip("c.mp4", sound=None, count=10)
    _, notes = render([first, silent, second], tmp_path / "o.mp4")
    assert len(notes) == 1
    result = packets(tmp_path / "o.mp4", "audio")
    times = [time for _, time in result]
    assert all(later > earlier for earlier, later in pairwise(times))
    assert not [time for time in times if Fraction(125, 100) < time < Fraction(159, 100)]  # nothing in the silent clip
    payloads = dict(packets(second, "audio"))
    begin = Fraction(40, 25)
    carried = [(time, payloads[data]) for data, time in result if time >= begin and data in payloads]
    assert len(carried) > 30
    assert all(abs(time - begin - own) < Fraction(3, 1000) for time, own in carried)


def test_clips_with_unlike_sound_are_encoded_anew(tmp_path, clip):
    _, notes = render([clip("a.mp4"), clip("b.mkv", "libopus")], tmp_path / "o.mkv")
    assert any("differs from clip to clip" in note for note in notes)
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["aac"]
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(samples / 48000 - 60 / 25) < 0.15


@pytest.mark.parametrize(
    ("subtitles", "before", "after", "codec"),
    [
        ("subrip", "a.mkv", "o.mkv", "subrip"),
        ("ass", "a.mkv", "o.mkv", "ass"),
        ("mov_text", "a.mp4", "o.mp4", "mov_text"),
        ("subrip", "a.mkv", "o.mp4", "mov_text"),
        ("mov_text", "a.mp4", "o.mkv", "subrip"),
        ("subrip", "a.mkv", "o.avi", None),
    ],
)
def test_subtitles_are_kept_converted_or_missed(tmp_path, clip, subtitles, before, after, codec):
    path = clip(before, subtitles=subtitles)
    _, notes = render([path], tmp_path / after)
    with av.open(str(tmp_path / after)) as container:
        names = [stream.codec_context.codec.canonical_name for stream in container.streams.subtitles]
    assert names == ([codec] if codec else [])
    assert any("subtitles 1" in note for note in notes) == (codec != subtitles)
    if codec:
        lines = packets(tmp_path / after, "subtitle")
        assert [b"Line 0" in lines[0][0], b"Line 1" in lines[1][0]] == [True, True]
        assert [round(float(time), 2) for _, time in lines] == [0, 0.5]


def test_titles_languages_and_chapters_go_along(tmp_path, clip):
    first = clip("a.mkv", count=30)
    _, _ = render([first, clip("b.mp4", count=30)], tmp_path / "o.mp4")
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert container.metadata["title"] == "A title"
        chapters = [(c["metadata"]["title"], c["start"] * c["time_base"]) for c in container.chapters()]
    half = Fraction(1, 2)
    assert chapters == [("one", 0), ("two", half), ("one", Fraction(30, 25)), ("two", Fraction(30, 25) + half)]


def test_nothing_goes_along_when_not_wanted(tmp_path, clip):
    path = clip("a.mkv", subtitles="subrip")
    render([path], tmp_path / "o.mkv", EncodeSettings(speed="ultrafast", copy_streams=False))
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.chapters() == []


def test_sound_ends_where_the_pictures_were_stopped(tmp_path, clip):
    path = clip("a.mp4", count=60)
    render([path], tmp_path / "o.mp4", stop=20)
    times = [time for _, time in packets(tmp_path / "o.mp4", "audio")]
    assert Fraction(75, 100) < max(times) < Fraction(80, 100)


@pytest.mark.parametrize("after", ["o.mp4", "o.mkv", "o.avi"])
def test_sound_lies_beside_its_pictures_in_the_file(tmp_path, clip, after):
    render([clip("a.mkv", "pcm_s16le", count=150)], tmp_path / after)
    with av.open(str(tmp_path / after)) as container:
        stored = sorted(
            (
                packet.pos,
                packet.stream.type,
                float((packet.dts if packet.pts is None else packet.pts) * packet.time_base),
            )
            for packet in container.demux(video=0, audio=0)
            if packet.size
        )
    latest = {"video": 0.0, "audio": 0.0}
    for _, kind, time in stored[:-20]:
        latest[kind] = max(latest[kind], time)
        assert abs(latest["video"] - latest["audio"]) < 1.5
