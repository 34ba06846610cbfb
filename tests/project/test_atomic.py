"""A write happens whole or not at all, and a delete loses nothing."""

from pathlib import Path

import pytest

from understudy.project import UnderstudyError
from understudy.project.atomic import atomic_path, remove_leftovers, write_bytes, write_text
from understudy.project.trash import move_to_trash


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(KeyboardInterrupt), atomic_path(target) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_parent_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnderstudyError, match="cannot write") as fault:
        write_bytes(tmp_path / "file" / "x.bin", b"1")
    assert "\n" not in str(fault.value)


def test_leftovers_are_removed_and_other_dot_files_stay(tmp_path: Path) -> None:
    (tmp_path / ".0123456789ab.jpg").touch()
    (tmp_path / ".0123456789ab").touch()
    kept = [tmp_path / ".gitignore", tmp_path / ".0123456789ab.jpg.bak", tmp_path / "0123456789ab.jpg"]
    for path in kept:
        path.touch()
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def test_trash_keeps_every_file_of_one_name(tmp_path: Path) -> None:
    folder = tmp_path / "aligned"
    contents = [b"first", b"second", b"third"]
    for content in contents:
        write_bytes(folder / "00001_0.jpg", content)
        move_to_trash(folder / "00001_0.jpg")
    assert sorted(p.read_bytes() for p in (tmp_path / "aligned_trash").iterdir()) == sorted(contents)
    assert list(folder.iterdir()) == []


def test_text_that_is_not_unicode_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(UnderstudyError, match="not Unicode") as fault:
        write_text(tmp_path / "a.toml", "clips = ['a\udcff.png']")
    str(fault.value).encode()
    assert not list(tmp_path.iterdir())
