"""The edit list by commands: each a change that can be taken back, each fault one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from understudy.cli.defaults import given
from understudy.cli.frame_numbers import frame_range
from understudy.cli.main import main
from understudy.media import write_image
from understudy.merging import MergeSettings
from understudy.project import UnderstudyError


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project whose footage is two flat shots of 20 frames."""
    for number in range(40):
        pixels = np.full((64, 64, 3), (200, 30, 30) if number < 20 else (20, 60, 220), np.uint8)
        write_image(tmp_path / "frames" / f"{number:03d}.png", pixels)
    words = ["init", str(tmp_path / "film"), "--src", str(tmp_path / "frames"), "--dst", str(tmp_path / "frames")]
    assert main(words) == 0
    return tmp_path / "film"


def edit(film: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["edit", *words, "--project", str(film), "--json"])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def shots(film: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((film / "merge.json").read_text())["shots"]
    return found


def test_a_film_is_edited_and_everything_taken_back(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit(film, capsys, "show")[0] == 2
    assert edit(film, capsys, "shots")[0] == 0
    found = shots(film)
    assert [(shot["first"], shot["last"]) for shot in found] == [(1, 20), (21, 40)]
    commands = [
        ("set", "erode=3", "color-transfer=mkl", "--shots", "2"),
        ("key", "erode", "30", "4.5", "--ease", "smooth"),
        ("key", "erode", "35", "-9"),
        ("key", "erode", "35", "--remove"),
        ("preset", "close", "blur=20", "--shots", "1"),
        ("set", "face_scale=5", "--person", "person:1"),
        ("shots", "--split", "31"),
        ("shots", "--join", "2"),
        ("shots", "--split", "11"),
        ("shots", "--find"),
    ]
    states = [(film / "merge.json").read_text()]
    for words in commands:
        code, out, _ = edit(film, capsys, *words)
        assert code == 0, out
        states.append((film / "merge.json").read_text())
        assert states[-1] != states[-2]
    keys = {"erode": [{"frame": frame, "value": 4.5, "ease": "smooth"} for frame in (30, 31)]}  # 31: of the split
    person = {"person:1": {"settings": {"face_scale": 5.0}}}
    assert shots(film) == [
        {"first": 1, "last": 20, "preset": "close", "persons": person},
        {
            "first": 21,
            "last": 40,
            "settings": {"erode": 3.0, "color_transfer": "mkl"},
            "keyframes": keys,
            "persons": person,
        },
    ]
    for before in reversed(states[:-1]):
        assert edit(film, capsys, "undo")[0] == 0
        assert (film / "merge.json").read_text() == before
    for after in states[1:]:
        assert edit(film, capsys, "redo")[0] == 0
        assert (film / "merge.json").read_text() == after


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("set", "erode=77"), "erode goes from -50 to 50"),
        (("set", "erode"), "'erode' sets nothing"),
        (("set", "nose=1"), "no setting nose"),
        (("set", "erode=1", "--shots", "3"), "no shot 3; there are 2"),
        (("key", "erode", "41", "1"), "no shot has a frame 41"),
        (("key", "erode", "12"), "what is erode at frame 12?"),
        (("key", "mode", "12", "1"), "mode is no number"),
        (("preset", "far", "--shots", "1"), "preset 'far'"),
        (("undo",), "nothing to undo"),
    ],
)
def test_faults_are_one_line(
    film: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], fault: str
) -> None:
    edit(film, capsys, "shots")
    before = (film / "merge.json").read_text()
    code, out, _ = edit(film, capsys, *words)
    assert code == 2
    assert fault in json.loads(out)["error"]
    assert (film / "merge.json").read_text() == before


def test_flags_that_are_given_are_told_from_those_that_are_not() -> None:
    words = ["--erode", "4.0", "--face-scale=-3", "--no-masks", "--color_transfer", "rct", "--project", "blur", "--out"]
    assert given(MergeSettings, words) == {"erode", "face_scale", "masks", "color_transfer"}


def test_frames_are_counted_from_one_and_the_last_is_included() -> None:
    assert frame_range("100-250") == range(99, 250)
    assert frame_range("7") == range(6, 7)
    for text in ("0-5", "5-4", "a-b", "-5", "5-", "1-2-3", ""):
        with pytest.raises(UnderstudyError, match="counted from 1"):
            frame_range(text)
