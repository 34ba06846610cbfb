"""Curating a faceset as a user types it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from drawn_faces import fill_faceset
from understudy.cli import main
from understudy.facesets import Faceset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill_faceset(tmp_path / "aligned", range(12))
    return tmp_path / "aligned"


def _run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Any:
    assert main(["faceset", *(str(word) for word in words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _fault(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert main(["faceset", *(str(word) for word in words)]) == 2
    captured = capsys.readouterr()
    lines = str(captured.err).strip().splitlines()
    assert (captured.out, len(lines)) == ("", 1), captured
    return lines[0]


def test_listing_an_order_touches_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in folder.glob("*.jpg")}
    order = _run(capsys, "sort", folder, "--by", "best", "--target", 5, "--list")
    assert len(order["names"]) == 5
    assert len(order["dropped"]) == 7
    assert {path.name: path.read_bytes() for path in folder.glob("*.jpg")} == before


def test_sort_restore_and_rename_is_a_round_trip(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in folder.glob("*.jpg"))
    _run(capsys, "sort", folder, "--by", "best", "--target", 5)
    assert len(list(folder.glob("*.jpg"))) == 5
    assert all("best faces" in face["reason"] for face in _run(capsys, "restore", folder, "--list")["faces"])
    _run(capsys, "restore", folder, "--reason", "best faces")
    _run(capsys, "rename", folder, "--original")
    assert sorted(path.name for path in folder.glob("*.jpg")) == before


def test_conditions_list_and_trash(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faces = _run(capsys, "list", folder, "--where", "yaw > 0", "--order", "yaw desc", "--show", "yaw", "sharpness")[
        "faces"
    ]
    assert [face["yaw"] for face in faces] == sorted((face["yaw"] for face in faces), reverse=True)
    assert all(face["yaw"] > 0 for face in faces)
    _run(capsys, "trash", folder, "--where", "yaw > 0")
    assert len(Faceset(folder)) == 12 - len(faces)
    assert {face["reason"] for face in _run(capsys, "restore", folder, "--list")["faces"]} == {"yaw > 0"}


def test_merge_into_a_new_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill_faceset(tmp_path / "b", range(3))
    brought = _run(capsys, "merge", folder, tmp_path / "b", "--into", tmp_path / "all")
    assert (brought["brought"], brought["faces"]) == (15, 15)
    assert _run(capsys, "index", tmp_path / "all")["measured"] == 15
    assert _run(capsys, "index", tmp_path / "all")["measured"] == 0


def test_report_and_select(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill_faceset(tmp_path / "dst", range(20, 26))
    report = _run(capsys, "report", "--src", folder, "--dst", tmp_path / "dst", "--out", tmp_path / "page.html")
    assert (report["src"], report["dst"]) == (12, 6)
    assert Path(report["page"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    listed = _run(capsys, "select", folder, "--cover", tmp_path / "dst", "--count", 4, "--list")["names"]
    assert len(Faceset(folder)) == 12
    assert _run(capsys, "select", folder, "--cover", tmp_path / "dst", "--count", 4)["names"] == listed
    assert list(Faceset(folder).names) == sorted(listed)
    assert len(_run(capsys, "restore", folder, "--reason", "cover dst")["names"]) == 8


def test_every_method_says_what_comes_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "blur" in _run(capsys, "sort", folder, "--methods")


def test_faults_are_one_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such order" in _fault(capsys, "sort", folder, "--by", "beauty")
    assert "does not exist" in _fault(capsys, "sort", tmp_path / "none")
    assert "is not a project" in _fault(capsys, "sort", "src", "--project", tmp_path)
    assert "nose" in _fault(capsys, "list", folder, "--where", "nose > 1")
    assert "nose" in _fault(capsys, "list", folder, "--show", "nose")
    assert "no such face" in _fault(capsys, "trash", folder, "nobody.jpg")
    assert "which faces" in _fault(capsys, "trash", folder)
    assert "no such face" in _fault(capsys, "restore", folder, "nobody.jpg")
    assert "--original" in _fault(capsys, "rename", folder)
    assert "other than" in _fault(capsys, "merge", folder, "--into", folder)
    assert "no such command" in _fault(capsys, "tidy", folder)


def test_persons_are_listed_kept_and_shown(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "persons.jpg"
    options = ("--embedder", "frontal-hog", "--threshold", "0.1")
    found = _run(capsys, "persons", folder, "--sheet", sheet, *options)
    names = [name for person in found["persons"] for name in person["names"]]
    assert sorted(names) == sorted(path.name for path in folder.glob("*.jpg"))
    assert sheet.stat().st_size > 1000
    kept = found["persons"][1]["names"]
    trashed = _run(capsys, "persons", folder, "--keep", "person:2", *options)["trashed"]
    assert sorted(trashed + kept) == sorted(names)
    assert sorted(path.name for path in folder.glob("*.jpg")) == sorted(kept)
    assert "no person:9 in this faceset" in _fault(capsys, "persons", folder, "--keep", "person:9", *options)


def test_like_keeps_the_face_itself_and_list_touches_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--embedder", "frontal-hog", "--threshold", "0.001")
    listed = _run(capsys, "like", folder, folder / "00004_0.jpg", "--list", *options)["faces"]
    assert listed[0] == {"name": "00004_0.jpg", "distance": pytest.approx(0, abs=1e-3)}
    assert len(list(folder.glob("*.jpg"))) == 12
    _run(capsys, "like", folder, folder / "00004_0.jpg", *options)
    assert [path.name for path in folder.glob("*.jpg")] == ["00004_0.jpg"]


def test_duplicates_go_with_the_name_of_what_stays(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "copy.jpg").write_bytes((folder / "00003_0.jpg").read_bytes())
    assert _run(capsys, "duplicates", folder, "--list")["groups"] == {"00003_0.jpg": ["copy.jpg"]}
    assert (folder / "copy.jpg").exists()
    _run(capsys, "duplicates", folder)
    (face,) = _run(capsys, "restore", folder, "--list")["faces"]
    assert (face["was"], face["reason"]) == ("copy.jpg", "duplicates: nearly the same as 00003_0.jpg")


def test_a_sheet_shows_both_ends_of_an_order(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = _run(capsys, "sort", folder, "--by", "yaw", "--list", "--sheet", tmp_path / "sheet.jpg")
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        shown = np.asarray(sheet.convert("L")).astype(int)
    with Image.open(folder / order["names"][0]) as face:
        first = np.asarray(face.convert("L").resize((128, 128), Image.Resampling.BOX)).astype(int)
    assert np.abs(shown[20:148, 2:130] - first).mean() < 6
    assert shown.shape[1] == 10 * 130 + 2
