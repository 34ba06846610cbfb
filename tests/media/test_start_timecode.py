"""The timecode of the first picture arrives in the result."""

from fractions import Fraction

import av
import numpy as np
import pytest

from understudy.media import EncodeSettings, open_sink, open_source
from understudy.media.packet_copy import copy_part
from understudy.media.part import PartSource
from understudy.media.probe import probe
from understudy.media.start_timecode import later

NTSC = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def coded(tmp_path_factory, make_video):
    """A .mov whose pictures begin at 10:02:59:20."""
    folder = tmp_path_factory.mktemp("timecode")
    plain = make_video(folder / "plain.mov", "libx264", count=10, options={"g": "3", "bf": "0"})
    path = folder / "coded.mov"
    with av.open(str(plain)) as file, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(file.streams.video[0])
        stream.metadata["timecode"] = "10:02:59:20"
        for packet in file.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    return path


def copied(source, path):
    with open_sink(path, like=source, settings=EncodeSettings(speed="ultrafast")) as sink:
        for frame in source.frames():
            sink.write(frame, frame.pixels, np.zeros(frame.pixels.shape[:2], bool))
    return sink.notes


@pytest.mark.parametrize("name", ["o.mov", "o.mp4", "o.mkv"])
def test_it_is_carried_over(tmp_path, coded, name):
    copied(open_source([coded]), tmp_path / name)
    assert probe(tmp_path / name).timecode == "10:02:59:20"


def test_a_part_begins_later(tmp_path, coded):
    copied(PartSource(coded, start=Fraction(6, 25)), tmp_path / "o.mov")
    assert probe(tmp_path / "o.mov").timecode == "10:03:00:01"


def test_a_part_that_is_copied_begins_later_too(tmp_path, coded):
    copy_part(coded, tmp_path / "o.mov", start=Fraction(7, 25))  # from the key picture before it, the sixth
    assert probe(tmp_path / "o.mov").timecode == "10:03:00:01"


def test_where_it_has_no_place_it_is_said(tmp_path, coded):
    assert any("timecode 10:02:59:20 is left out" in note for note in copied(open_source([coded]), tmp_path / "o.avi"))


@pytest.mark.parametrize(
    ("timecode", "frames", "rate", "expected"),
    [
        ("00:00:00:00", 25 * 3600, Fraction(25), "01:00:00:00"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:59;29", 1, NTSC, "00:01:00;02"),  # 0 and 1 are dropped in every minute
        ("00:09:59;29", 1, NTSC, "00:10:00;00"),  # but each tenth
        ("00:00:00;00", 107892, NTSC, "01:00:00;00"),  # an hour of 29.97 pictures a second
        ("00:00:59;59", 1, 2 * NTSC, "00:01:00;04"),
        ("00:00:59:29", 1, NTSC, "00:01:00:00"),  # without the semicolon nothing is dropped
        ("01:00:00:23", 1, Fraction(24000, 1001), "01:00:01:00"),
    ],
)
def test_the_known_values_of_smpte_12(timecode, frames, rate, expected):
    assert later(timecode, frames, rate) == expected
