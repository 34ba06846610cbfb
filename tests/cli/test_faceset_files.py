"""The verbs that exchange, pack, resize and convert facesets, from the command line."""

import json
from pathlib import Path

import pytest

from drawn_faces import fill_faceset
from understudy.cli.main import main
from understudy.facesets import Faceset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill_faceset(tmp_path / "aligned", range(3))
    return tmp_path / "aligned"


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    assert main(["faceset", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_there_and_back(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys, "export", folder, "--out", tmp_path / "old", "--format", "dfl-pak")["faces"] == 3
    assert _run(capsys, "import", tmp_path / "old", "--out", tmp_path / "new")["faces"] == 3
    assert _run(capsys, "pack", tmp_path / "new")["path"] == str(tmp_path / "new.zip")
    assert _run(capsys, "unpack", tmp_path / "new.zip", "--out", tmp_path / "again")["faces"] == 3
    for before, after in zip(Faceset(folder), Faceset(tmp_path / "again"), strict=True):
        assert after.picture() == before.picture()


def test_utilities(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resized = _run(capsys, "resize", folder, "--out", tmp_path / "head", "--face-type", "head", "--size", 64)
    assert (resized["faces"], len(resized["bordered"])) == (3, 3)
    assert _run(capsys, "stats", tmp_path / "head")["sizes"] == {"64": 3}
    assert _run(capsys, "convert", folder, "--out", tmp_path / "png", "--to", "png")["encoded"] == 3
    assert _run(capsys, "enhance", tmp_path / "png", "--out", tmp_path / "sharp", "--strength", 0.5)["faces"] == 3
    assert _run(capsys, "debug", folder)["folder"] == str(tmp_path / "aligned_debug")
    assert _run(capsys, "metadata-save", folder)["faces"] == 3
    assert _run(capsys, "metadata-restore", folder)["kept"] == 3
    assert main(["faceset", "stats", str(folder)]) == 0
    assert "3 of 3 frames" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["import", "{folder}"],
        ["import", "{folder}", "--out", "x", "--in-place"],
        ["resize", "{folder}", "--out", "x"],
        ["resize", "{folder}", "--out", "x", "--size", "9"],
        ["convert", "{folder}", "--out", "x", "--to", "png", "--quality", "0"],
        ["unpack", "{folder}", "--out", "x"],
        ["metadata-restore", "{folder}"],
    ],
)
def test_mistakes_are_one_line(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faceset", *(word.format(folder=folder) for word in words)]) == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("understudy: ")
    assert "\n" not in message
