"""The verbs that cut, join and look into clips, from the command line."""

import json
from pathlib import Path

import pytest

from understudy.cli.main import main


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    assert main(["clip", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_clip_through_every_verb(footage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = footage / "headpose_f.mp4"
    (found,) = _run(capsys, "probe", clip)["clips"]
    assert (found["frames"], found["width"], found["height"]) == (23, 480, 270)
    cut = _run(
        capsys, "cut", clip, "--out", tmp_path / "a.mkv", "--start", "0.2", "--end", "0.6", "--speed", "ultrafast"
    )
    assert cut["frames"] == 10
    assert _run(capsys, "cut", clip, "--out", tmp_path / "b.mp4", "--copy")["frames"] == 23
    assert _run(capsys, "frames", clip, "--out", tmp_path / "frames", "--rate", 5, "--format", "jpg")["frames"] == 5
    joined = _run(
        capsys, "join", tmp_path / "a.mkv", tmp_path / "frames", "--out", tmp_path / "c.mkv", "--codec", "ffv1"
    )
    assert joined["frames"] == 15
    denoised = _run(capsys, "denoise", tmp_path / "frames", "--out", tmp_path / "quiet", "--factor", 3)
    assert (denoised["frames"], len(list((tmp_path / "quiet").iterdir()))) == (5, 5)
    assert _run(capsys, "shots", clip)["shots"] == [{"first": 1, "last": 23, "start": 0.0, "end": 0.92}]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["splice"],
        ["probe", "none.mp4"],
        ["cut", "{clip}", "--out", "x.mp4", "--start", "ten"],
        ["cut", "{clip}", "--out", "x.mp4", "--start", "5"],
        ["cut", "{clip}", "--out", "x.mp4", "--sound", "3"],
        ["cut", "{clip}", "--out", "x.webm"],
        ["frames", "{clip}", "--out", "x", "--rate", "0"],
        ["denoise", "{clip}", "--out", "x.mp4", "--factor", "21"],
    ],
)
def test_mistakes_are_one_line(
    footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["clip", *(word.format(clip=footage / "headpose_f.mp4") for word in words)]) == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("understudy: ")
    assert "\n" not in message
    assert not list(tmp_path.iterdir())
