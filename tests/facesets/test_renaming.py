"""Renaming many files at once loses none, whatever interrupts it."""

import json
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from understudy.facesets.renaming import JOURNAL_NAME, finish_renaming, original_names, rename_files
from understudy.project import UnderstudyError

_NAMES = [f"{k:05d}.jpg" for k in range(6)]


def _fill(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name in _NAMES:
        (folder / name).write_text(name)


def _contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


class _PowerCut(BaseException):
    pass


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(new=st.permutations(_NAMES), cut=st.integers(0, 16), renamed=st.integers(0, 6))
def test_cut_off_anywhere_it_is_completed_later(
    new: list[str], cut: int, renamed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "aligned"
    _fill(folder)
    names = (
        dict(zip(_NAMES[:renamed], [f"b{name}" for name in new[:renamed]], strict=True))
        if cut % 2
        else dict(zip(_NAMES, new, strict=True))
    )
    calls, rename = count(), Path.rename

    def rename_until_the_cut(self: Path, target: Path) -> Path:
        if next(calls) == cut:
            raise _PowerCut
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_until_the_cut)
        try:
            rename_files(folder, names)
        except _PowerCut:
            assert sorted(text for name, text in _contents(folder).items() if name != JOURNAL_NAME) == _NAMES
    finish_renaming(folder)
    assert _contents(folder) == {names.get(name, name): name for name in _NAMES}


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    _fill(tmp_path)
    waiting = {"version": 1, "aside": True, "names": [["00000.jpg", "a.jpg"]]}
    (tmp_path / "00000.jpg").rename(tmp_path / "a~00000.jpg")
    (tmp_path / "a.jpg").write_text("new")
    (tmp_path / JOURNAL_NAME).write_text(json.dumps(waiting))
    assert finish_renaming(tmp_path)
    assert (tmp_path / "a.jpg").read_text() == "new"
    assert (tmp_path / "a~2.jpg").read_text() == "00000.jpg"
    assert not finish_renaming(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        {"00000.jpg": "../a.jpg"},
        {"00000.jpg": ".a.jpg"},
        {"00000.jpg": "a.png"},
        {"00000.jpg": "00001.jpg"},
        {"00000.jpg": "a.jpg", "00001.jpg": "a.jpg"},
        {"00000.jpg": "a" * 250 + ".jpg"},
        {"../00000.jpg": "a.jpg"},
    ],
)
def test_what_cannot_be_is_refused_before_anything_happens(tmp_path: Path, names: dict[str, str]) -> None:
    _fill(tmp_path)
    with pytest.raises(UnderstudyError) as fault:
        rename_files(tmp_path, names)
    assert "\n" not in str(fault.value)
    assert _contents(tmp_path) == {name: name for name in _NAMES}


@pytest.mark.parametrize(
    "journal", ["", "[]", '{"names": [["00000.jpg", "../../x.jpg"]]}', '{"version": 9, "names": []}', "\0"]
)
def test_a_hostile_journal_is_refused(tmp_path: Path, journal: str) -> None:
    _fill(tmp_path)
    (tmp_path / JOURNAL_NAME).write_text(journal)
    with pytest.raises(UnderstudyError, match="delete it"):
        finish_renaming(tmp_path)
    assert {name: text for name, text in _contents(tmp_path).items() if name != JOURNAL_NAME} == dict(
        zip(_NAMES, _NAMES, strict=True)
    )


def test_the_way_back_to_first_names_gives_each_its_own() -> None:
    first = {
        "0.jpg": "a.jpg",
        "1.jpg": "a.jpg",
        "2.jpg": None,
        "3.jpg": "../../x.jpg",
        "4.jpg": "b.png",
        "5.jpg": "c.jpg",
    }
    back = original_names(first)
    assert back == {
        "0.jpg": "a.jpg",
        "1.jpg": "a~2.jpg",
        "2.jpg": "2.jpg",
        "3.jpg": "3.jpg",
        "4.jpg": "4.jpg",
        "5.jpg": "c.jpg",
    }
