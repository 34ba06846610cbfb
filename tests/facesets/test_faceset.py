"""The files are the truth, the index follows them, and nothing that is taken out is lost."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from drawn_faces import draw_face, fill_faceset
from understudy.faces import align_face
from understudy.facesets import FaceFile, Faceset, SourceFrame
from understudy.facesets.face_trash import LOG_NAME
from understudy.facesets.index import INDEX_NAME, MEASURES, FaceIndex
from understudy.project import UnderstudyError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill_faceset(tmp_path / "aligned", range(8))
    return tmp_path / "aligned"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The face files that are read, as they are."""
    read: list[Path] = []
    original = FaceFile.read
    monkeypatch.setattr(FaceFile, "read", classmethod(lambda cls, path: read.append(path) or original(path)))
    return read


def test_only_new_and_changed_files_are_read(folder: Path, reads: list[Path]) -> None:
    assert len(Faceset(folder)) == 8
    assert len(reads) == 8
    reads.clear()
    shutil.copy(folder / "00000_0.jpg", folder / "copy.jpg")
    os.utime(folder / "00003_0.jpg")
    (folder / "00005_0.jpg").unlink()
    faceset = Faceset(folder)
    assert sorted(path.name for path in reads) == ["00003_0.jpg", "copy.jpg"]
    assert list(faceset.names) == sorted(path.name for path in folder.glob("*.jpg"))
    assert [file.path.name for file in faceset] == list(faceset.names)


def test_a_file_moved_by_any_other_program_keeps_what_was_measured(folder: Path) -> None:
    faceset = Faceset(folder)
    before = faceset.columns(*MEASURES)
    (folder / "00000_0.jpg").rename(folder / "zz.jpg")
    moved = Faceset(folder)
    assert moved.index.unmeasured() == []
    after = moved.columns(*MEASURES)
    for name in MEASURES:
        assert np.array_equal(np.roll(before[name], -1), after[name], equal_nan=True), name


def test_the_index_may_be_deleted_or_damaged(folder: Path) -> None:
    before = Faceset(folder).columns("brightness")["brightness"]
    for damage in (b"", b"not a database at all, and long enough to be read as one" * 40):
        for path in folder.glob(f"{INDEX_NAME}*"):
            path.unlink()
        (folder / INDEX_NAME).write_bytes(damage)
        assert np.array_equal(Faceset(folder).columns("brightness")["brightness"], before)
    with sqlite3.connect(folder / INDEX_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert np.array_equal(Faceset(folder).columns("brightness")["brightness"], before)


def test_a_folder_that_cannot_be_written_to_is_indexed_elsewhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / INDEX_NAME).mkdir()  # no file can be made there, even by root
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path / "cache"))
    faceset = Faceset(folder)
    assert len(faceset) == 8
    assert faceset.index.path.is_relative_to(tmp_path / "cache")
    (tmp_path / "no folder").write_text("a file")
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path / "no folder"))
    assert len(Faceset(folder).columns("sharpness")["sharpness"]) == 8


def test_measuring_killed_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    fill_faceset(folder, range(20))
    for number in range(20, 700):
        shutil.copy(folder / f"{number % 20:05d}_0.jpg", folder / f"{number:05d}_0.jpg")
    whole = len(Faceset(folder))
    code = (
        f"from pathlib import Path; from understudy.facesets import Faceset; Faceset(Path({str(folder)!r})).measure()"
    )
    run = subprocess.Popen([sys.executable, "-c", code])
    index, deadline = FaceIndex(folder), time.monotonic() + 60
    while len(index.unmeasured()) > whole - 64 and time.monotonic() < deadline and run.poll() is None:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    left = len(Faceset(folder).index.unmeasured())
    assert 0 < left <= whole - 64, "the kill came too early or too late to prove anything"
    faceset = Faceset(folder)
    assert not np.isnan(faceset.columns("brightness")["brightness"]).any()
    assert len(faceset) == whole


def test_queries(folder: Path) -> None:
    faceset = Faceset(folder)
    yaw = faceset.columns("yaw")["yaw"]
    found = faceset.query("yaw > 0", order_by="yaw desc", limit=3)
    assert found == [faceset.names[at] for at in np.argsort(-yaw) if yaw[at] > 0][:3]
    assert faceset.query("brightness > 0") == list(faceset.names)
    for hostile in (
        "1; DROP TABLE faces",
        "load_extension('x')",
        "yaw >",
        "nose > 1",
        "(SELECT 1 FROM pragma_table_info('faces'))",
    ):
        with pytest.raises(UnderstudyError) as fault:
            faceset.query(hostile)
        assert "\n" not in str(fault.value)
    assert len(Faceset(folder)) == 8


def test_trash_and_back(folder: Path) -> None:
    faceset = Faceset(folder)
    faceset.measure()
    before = {path.name: path.read_bytes() for path in folder.glob("*.jpg")}
    faceset.trash("00001_0.jpg", faceset[2], reason="blurred")
    faceset.trash("00003_0.jpg", reason="another person")
    assert len(faceset) == len(Faceset(folder)) == 5
    assert [(face.name, face.reason) for face in faceset.trashed()] == [
        ("00001_0.jpg", "blurred"),
        ("00002_0.jpg", "blurred"),
        ("00003_0.jpg", "another person"),
    ]
    shutil.copy(folder / "00000_0.jpg", folder / "00002_0.jpg")
    names = faceset.restore([face for face in faceset.trashed() if face.reason == "blurred"])
    assert names == ["00001_0.jpg", "00002_0~2.jpg"]
    assert (folder / "00002_0~2.jpg").read_bytes() == before["00002_0.jpg"]
    assert faceset.index.unmeasured() == ["00002_0.jpg"]
    assert [face.name for face in faceset.trashed()] == ["00003_0.jpg"]


def test_a_torn_or_hostile_log_of_the_trash_loses_nothing(folder: Path, tmp_path: Path) -> None:
    faceset = Faceset(folder)
    faceset.trash("00001_0.jpg", reason="blurred")
    log = tmp_path / "aligned_trash" / LOG_NAME
    line = log.read_text()
    log.write_text('{"name": "00001_0.jpg", "was": "../../evil.jpg", "reason": "x"}\n' + line[:30])
    assert faceset.restore(faceset.trashed()) == ["00001_0.jpg"]
    assert not list(tmp_path.glob("evil*"))


def test_renaming_keeps_first_names_and_measures(folder: Path) -> None:
    faceset = Faceset(folder)
    faceset.measure()
    landmarks = {file.path.name: file.metadata.landmarks for file in faceset}
    for _ in range(2):
        faceset.rename(dict(zip(faceset.names, reversed(faceset.names), strict=True)))
        assert faceset.index.unmeasured() == []
    faceset.rename({name: f"x{name}" for name in faceset.names})
    for file in Faceset(folder):
        assert file.metadata.original_name == file.path.name.removeprefix("x")
        assert file.metadata.landmarks == landmarks[file.metadata.original_name]


def test_merging_takes_every_face_once_and_knows_it(folder: Path, tmp_path: Path) -> None:
    fill_faceset(tmp_path / "other", range(5, 12))
    faceset, other = Faceset(folder), Faceset(tmp_path / "other")
    other.measure()
    pixels = sorted(path.read_bytes() for place in (folder, tmp_path / "other") for path in place.glob("*.jpg"))
    assert faceset.take_in(other) == 7
    assert sorted(path.read_bytes() for path in folder.glob("*.jpg")) == pixels
    assert len(other) == 7
    assert len(faceset.index.unmeasured()) == 8
    assert Faceset(folder).take_in(other) == 0
    assert faceset.take_in(other, move=True) == 0
    assert len(Faceset(folder)) == 15


def test_damage_is_named_or_passed_over(folder: Path) -> None:
    (folder / "00001_0.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UnderstudyError, match=r"00001_0\.jpg"):
        Faceset(folder)
    faceset = Faceset(folder, skip_damaged=True)
    assert (len(faceset), list(faceset.damaged)) == (7, ["00001_0.jpg"])
    data = (folder / "00002_0.jpg").read_bytes()
    cut = data.index(b"\xff\xda") + 40
    (folder / "00002_0.jpg").write_bytes(data[:cut])
    faceset = Faceset(folder, skip_damaged=True)
    assert len(faceset.columns("brightness")["brightness"]) == len(faceset)
    assert len(faceset) + len(faceset.damaged) == 8


def test_saving_replaces_and_keeps_the_old(folder: Path) -> None:
    faceset = Faceset(folder)
    frame, face = draw_face(99)
    source = SourceFrame(clip="drawn", frame=99, time=4, width=300, height=300)
    faceset.save("00000_0.jpg", align_face(frame, face, "full", 96), source)
    assert faceset["00000_0.jpg"].frame == 99
    assert [(face.was, face.reason) for face in faceset.trashed()] == [("00000_0.jpg", "replaced")]
